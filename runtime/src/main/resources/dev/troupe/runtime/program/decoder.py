# The decoder: grouped-query attention and feed-forward blocks. What differs between families are numbers that
# every function gets: no text of this program is specific to one of them.
#
# TorchScript in the serialized dialect: dtypes are numbers (4 int64, 6 float32, 11 bool, 15 bfloat16),
# functions of this archive are called through __torch__, operators through torch or ops.
#
# Weights travel as one flat list of slots (see WeightLayout.java); an absent weight is an empty tensor:
#   0          token embedding [V, D]
#   1 + 30 l   block l: 0 norm, 1 qkv [(H + 2 KV) S, D], 2 its bias, 3 q norm, 4 k norm, 5 output, 6 its bias,
#              7 norm, 8 gate and up [2 F, D] or up alone [F, D], 9 its bias, 10 down, 11 its bias,
#              12.. low-rank pairs A [r, in], B [out, r] of q, k, v, o, gate, up, down,
#              26 bias of norm 0, 27 bias of norm 7, 28 norm after attention, 29 norm after the feed-forward
#   -6 .. -1   position embedding [C, D], bias of the final norm, final norm, head (empty when tied),
#              score head [C, D], its bias [C]
# shape = [layers L, heads H, key/value heads KV, head size S, feed-forward F, rotated part R of a head (0: none),
#   norm (0 RMSNorm, 1 RMSNorm with gain 1 + w, 2 LayerNorm), feed-forward (0 SiLU with a gate, 1 GELU with a gate,
#   2 GELU), and for each layer how many tokens it sees, itself included (0: all before it)]
# real = [epsilon of norms, scale of attention scores, their cap (0: none), cap of logits, factor of embeddings]
# Axes in comments: N tokens of a batch without padding, B rows, T positions, K selected positions.

def has(w: Tensor) -> bool:
  return torch.gt(torch.numel(w), 0)

# A norm in float32. RMSNorm's result is rounded to the compute type before a plain gain is applied.
def norm(x: Tensor, gain: Tensor, bias: Tensor, kind: int, eps: float, dt: int) -> Tensor:
  if torch.eq(kind, 2):
    y = torch.to(torch.layer_norm(x, [torch.size(x, -1)], torch.to(gain, 6), torch.to(bias, 6), eps), dt)
  else:
    n = torch.linalg_vector_norm(x, 2, [-1], True)
    r = torch.rsqrt(torch.add(torch.mul(torch.mul(n, n), torch.div(1., torch.size(x, -1))), eps))
    if torch.eq(kind, 1):
      y = torch.to(torch.mul(torch.mul(x, r), torch.add(torch.to(gain, 6), 1.)), dt)
    else:
      y = torch.mul(torch.to(torch.mul(x, r), dt), gain)
  return y

# x held within -cap .. cap by tanh; a cap of 0 leaves it as it is.
def held(x: Tensor, cap: float) -> Tensor:
  if torch.gt(cap, 0.):
    y = torch.mul(torch.tanh(torch.div(x, cap)), cap)
  else:
    y = x
  return y

def dense(x: Tensor, w: Tensor, bias: Tensor) -> Tensor:
  if __torch__.has(bias):
    y = torch.linear(x, w, bias)
  else:
    y = torch.linear(x, w)
  return y

# LoRA: s * B A x, or zeros where a projection has no adapter.
def low_rank(x: Tensor, a: Tensor, b: Tensor, out: int, s: float) -> Tensor:
  if __torch__.has(a):
    y = torch.mul(torch.linear(torch.linear(x, a), b), s)
  else:
    y = torch.new_zeros(x, [torch.size(x, 0), out])
  return y

# Adds the adapters of a fused projection whose parts have the given output sizes.
def adapt(y: Tensor, x: Tensor, ws: List[Tensor], o: int, sizes: List[int], s: float) -> Tensor:
  any = False
  for i in range(torch.len(sizes)):
    if __torch__.has(ws[o + 2 * i]):
      any = True
  if any:
    parts = annotate(List[Tensor], [])
    for i in range(torch.len(sizes)):
      _0 = torch.append(parts, __torch__.low_rank(x, ws[o + 2 * i], ws[o + 2 * i + 1], sizes[i], s))
    z = torch.add(y, torch.cat(parts, -1))
  else:
    z = y
  return z

# Rotary positions, Hugging Face convention: dimension j turns with dimension j + R / 2. The factors are those
# of turn_factors. (Rolled, not sliced: a slice under autograd comes back as a padded array of the full size.)
def turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  return torch.addcmul(torch.mul(x, cos), torch.roll(x, [torch.floordiv(torch.size(x, -1), 2)], [-1]), sin)

# Turns the first R dimensions of each head, as many as there are factors.
def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  R = torch.size(cos, -1)
  if torch.eq(R, torch.size(x, -1)):
    y = __torch__.turned(x, cos, sin)
  else:
    y = x
    if torch.gt(R, 0):
      parts = torch.split_with_sizes(x, [R, torch.size(x, -1) - R], -1)
      y = torch.cat([__torch__.turned(parts[0], cos, sin), parts[1]], -1)
  return y

# Factors of rotate for N tokens from tables [cos, sin, ...]: (cos, cos) and (-sin, sin) of each, [N, 1, R].
def turn_factors(tables: List[Tensor], positions: Tensor) -> List[Tensor]:
  out = annotate(List[Tensor], [])
  for i in range(0, torch.len(tables), 2):
    cos = torch.unsqueeze(torch.index_select(tables[i], 0, positions), 1)
    sin = torch.unsqueeze(torch.index_select(tables[i + 1], 0, positions), 1)
    _0 = torch.append(out, torch.cat([cos, cos], -1))
    _1 = torch.append(out, torch.cat([torch.neg(sin), sin], -1))
  return out

# Which of some factors, of which there are `per` for each kind of layer, a layer takes: layers with a window the
# second where there is one.
def local_at(count: int, per: int, window: int) -> int:
  i = 0
  if torch.gt(count, per) and torch.gt(window, 0):
    i = per
  return i

# [N, ...] -> [B T, ...]: puts each token at its place in the padded grid; an empty slot list means "already there".
def spread(x: Tensor, slot: Tensor, cells: int) -> Tensor:
  if __torch__.has(slot):
    y = torch.index_copy(torch.new_zeros(x, [cells, torch.size(x, 1), torch.size(x, 2)]), 0, slot, x)
  else:
    y = x
  return y

def gather_rows(x: Tensor, slot: Tensor) -> Tensor:
  if __torch__.has(slot):
    y = torch.index_select(x, 0, slot)
  else:
    y = x
  return y

# [T, T], true where a query (row) does not see a key (column): keys ahead of it, and those before its window.
def unseen(T: int, window: int, like: Tensor) -> Tensor:
  places = torch.arange(T, dtype=4, device=ops.prim.device(like))
  keys = torch.unsqueeze(places, 0)
  queries = torch.unsqueeze(places, 1)
  out = torch.gt(keys, queries)
  if torch.gt(window, 0):
    out = torch.logical_or(out, torch.le(keys, torch.sub(queries, window)))
  return out

# Causal attention of q [B, H, T, S] over k and v [B, KV, T, S]. libtorch's fused kernel, except for bfloat16 on a
# CPU: there its many small products cost more than they save, so that short rows take two products of the
# whole batch, and long rows, whose [T, T] scores would not fit, the fused kernel in float32. It has no caps.
def attention(q: Tensor, k: Tensor, v: Tensor, window: int, real: List[float], dt: int) -> Tensor:
  B = torch.size(q, 0)
  H = torch.size(q, 1)
  T = torch.size(q, 2)
  S = torch.size(q, 3)
  KV = torch.size(k, 1)
  G = torch.floordiv(H, KV)
  if torch.ge(window, T):
    window = 0
  slow = torch.eq(dt, 15) and torch.__not__(ops.prim.is_cuda(q))
  if torch.gt(real[2], 0.) or slow and torch.le(T, 512):
    hidden = torch.repeat(torch.masked_fill(torch.new_zeros(q, [T, T]), __torch__.unseen(T, window, q), -1e30), [G, 1])
    scaled = torch.mul(torch.reshape(q, [B, KV, G * T, S]), real[1])
    scores = torch.add(__torch__.held(torch.matmul(scaled, torch.transpose(k, 2, 3)), real[2]), hidden)
    a = torch.view(torch.matmul(torch.softmax(scores, -1), v), [B, H, T, S])
  else:
    if torch.ne(KV, H):
      k = torch.reshape(torch.expand(torch.unsqueeze(k, 2), [B, KV, G, T, S]), [B, H, T, S])
      v = torch.reshape(torch.expand(torch.unsqueeze(v, 2), [B, KV, G, T, S]), [B, H, T, S])
    if slow:
      q = torch.to(q, 6)
      k = torch.to(k, 6)
      v = torch.to(v, 6)
    if torch.gt(window, 0):
      hidden = torch.masked_fill(torch.new_zeros(q, [T, T]), __torch__.unseen(T, window, q), -1e30)
      a = torch.scaled_dot_product_attention(q, k, v, hidden, 0., False, scale=real[1])
    else:
      a = torch.scaled_dot_product_attention(q, k, v, None, 0., True, scale=real[1])
    if slow:
      a = torch.to(a, dt)
  return a

# The feed-forward's inner values from its first projection.
def activate(x: Tensor, kind: int) -> Tensor:
  if torch.eq(kind, 2):
    y = torch.gelu(x, approximate="tanh")
  else:
    gu = torch.chunk(x, 2, -1)
    if torch.eq(kind, 1):
      y = torch.mul(torch.gelu(gu[0], approximate="tanh"), gu[1])
    else:
      y = torch.mul(torch.silu(gu[0]), gu[1])
  return y

# Outputs of the parts of the feed-forward's first projection, and the slot of their first low-rank pair in a block.
def inner_parts(shape: List[int]) -> Tuple[List[int], int]:
  F = shape[4]
  sizes = [F, F]
  first = 20
  if torch.eq(shape[7], 2):
    sizes = [F]
    first = 22
  return (sizes, first)

# What a sublayer adds to the residual stream: its output, normed where the decoder norms it.
def addition(y: Tensor, gain: Tensor, shape: List[int], real: List[float], dt: int) -> Tensor:
  if __torch__.has(gain):
    z = __torch__.norm(torch.to(y, 6), gain, gain, shape[6], real[0], dt)
  else:
    z = y
  return z

# The first half of block l on the float32 residual stream x0 [N, D]: attention.
def attended(x0: Tensor, ws: List[Tensor], l: int, shape: List[int], real: List[float], s: float, turns: List[Tensor], slot: Tensor, B: int, T: int, dt: int) -> Tensor:
  o = 1 + 30 * l
  window = shape[8 + l]
  N = torch.size(x0, 0)
  D = torch.size(x0, 1)
  H = shape[1]
  KV = shape[2]
  S = shape[3]
  h = __torch__.norm(x0, ws[o], ws[o + 26], shape[6], real[0], dt)
  qkv = __torch__.adapt(__torch__.dense(h, ws[o + 1], ws[o + 2]), h, ws, o + 12, [H * S, KV * S, KV * S], s)
  parts = torch.split_with_sizes(torch.view(qkv, [N, H + 2 * KV, S]), [H + KV, KV], 1)
  qk = torch.to(parts[0], 6)
  if __torch__.has(ws[o + 3]):
    q1 = __torch__.norm(torch.slice(qk, 1, 0, H, 1), ws[o + 3], ws[o + 3], shape[6], real[0], 6)
    k1 = __torch__.norm(torch.slice(qk, 1, H, H + KV, 1), ws[o + 4], ws[o + 4], shape[6], real[0], 6)
    qk = torch.cat([q1, k1], 1)
  i = __torch__.local_at(torch.len(turns), 2, window)
  qk = torch.to(__torch__.rotate(qk, turns[i], turns[i + 1]), dt)
  qk = torch.transpose(torch.view(__torch__.spread(qk, slot, B * T), [B, T, H + KV, S]), 1, 2)
  heads = torch.split_with_sizes(qk, [H, KV], 1)
  v = torch.transpose(torch.view(__torch__.spread(parts[1], slot, B * T), [B, T, KV, S]), 1, 2)
  a = __torch__.attention(heads[0], heads[1], v, window, real, dt)
  a = __torch__.gather_rows(torch.reshape(torch.transpose(a, 1, 2), [B * T, H * S]), slot)
  y = __torch__.adapt(__torch__.dense(a, ws[o + 5], ws[o + 6]), a, ws, o + 18, [D], s)
  return torch.add(x0, __torch__.addition(y, ws[o + 28], shape, real, dt))

# The second half: the feed-forward.
def fed(x: Tensor, ws: List[Tensor], l: int, shape: List[int], real: List[float], s: float, dt: int) -> Tensor:
  o = 1 + 30 * l
  D = torch.size(x, 1)
  h = __torch__.norm(x, ws[o + 7], ws[o + 27], shape[6], real[0], dt)
  sizes, first = __torch__.inner_parts(shape)
  f = __torch__.activate(__torch__.adapt(__torch__.dense(h, ws[o + 8], ws[o + 9]), h, ws, o + first, sizes, s), shape[7])
  y = __torch__.adapt(__torch__.dense(f, ws[o + 10], ws[o + 11]), f, ws, o + 24, [D], s)
  return torch.add(x, __torch__.addition(y, ws[o + 29], shape, real, dt))

# Block l on the float32 residual stream x0 [N, D].
def block(x0: Tensor, ws: List[Tensor], l: int, shape: List[int], real: List[float], s: float, turns: List[Tensor], slot: Tensor, B: int, T: int, dt: int) -> Tensor:
  x = __torch__.attended(x0, ws, l, shape, real, s, turns, slot, B, T, dt)
  return __torch__.fed(x, ws, l, shape, real, s, dt)

# The residual stream before the first block, float32 [N, D].
def embed(ws: List[Tensor], real: List[float], tokens: Tensor, positions: Tensor) -> Tensor:
  x = torch.to(torch.embedding(torch.detach(ws[0]), tokens), 6)
  if torch.ne(real[4], 1.):
    x = torch.mul(x, real[4])
  if __torch__.has(ws[-6]):
    x = torch.add(x, torch.embedding(torch.detach(ws[-6]), positions))
  return x

def head_of(ws: List[Tensor]) -> Tensor:
  if __torch__.has(ws[-3]):
    w = ws[-3]
  else:
    w = ws[0]
  return w

# Rotary factors of positions 0 .. n - 1 from frequencies [R / 2] in radians, computed in float64 and multiplied by
# a magnitude: cosines [n, R / 2], sines, and complex numbers [n, S / 2] whose pairs beyond R / 2 stay as they are.
def rotary(self: __torch__.M, n: int, S: int, frequencies: Tensor, magnitude: float) -> Tuple[Tensor, Tensor, Tensor]:
  places = torch.arange(n, dtype=7, device=ops.prim.device(frequencies))
  angle = torch.mul(torch.unsqueeze(places, 1), torch.unsqueeze(frequencies, 0))
  cos = torch.to(torch.mul(torch.cos(angle), magnitude), 6)
  sin = torch.to(torch.mul(torch.sin(angle), magnitude), 6)
  rest = torch.floordiv(S, 2) - torch.size(frequencies, 0)
  turns = torch.complex(torch.constant_pad_nd(cos, [0, rest], 1.), torch.constant_pad_nd(sin, [0, rest]))
  return (cos, sin, turns)
