# The decoder: RMSNorm, rotary positions, grouped-query attention, gated SiLU feed-forward.
#
# TorchScript in the serialized dialect: dtypes are numbers (4 int64, 6 float32, 11 bool, 15 bfloat16),
# functions of this archive are called through __torch__, operators through torch or ops.
#
# Weights travel as one flat list of slots (see WeightLayout.java); an absent weight is an empty tensor:
#   0          token embedding [V, D]
#   1 + 26 l   block l: 0 norm, 1 qkv [(H + 2 KV) S, D], 2 its bias, 3 q norm, 4 k norm, 5 output, 6 its bias,
#              7 norm, 8 gate and up [2 F, D], 9 its bias, 10 down, 11 its bias,
#              12.. low-rank pairs A [r, in], B [out, r] of q, k, v, o, gate, up, down
#   -4, -3, -2, -1   final norm, head (empty when tied), score head [C, D], its bias [C]
# shape = [layers L, heads H, key/value heads KV, head size S, feed-forward F]
# Axes in comments: N tokens of a batch without padding, B rows, T positions, K selected positions.

def has(w: Tensor) -> bool:
  return torch.gt(torch.numel(w), 0)

# RMSNorm in float32; the result is rounded to the compute type before the gain is applied.
def norm(x: Tensor, gain: Tensor, eps: float, dt: int) -> Tensor:
  n = torch.linalg_vector_norm(x, 2, [-1], True)
  r = torch.rsqrt(torch.add(torch.mul(torch.mul(n, n), torch.div(1., torch.size(x, -1))), eps))
  return torch.mul(torch.to(torch.mul(x, r), dt), gain)

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

# Rotary positions, Hugging Face convention: dimension j turns with dimension j + S / 2. The factors are those
# of turn_factors. (Rolled, not sliced: a slice under autograd comes back as a padded array of the full size.)
def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  return torch.addcmul(torch.mul(x, cos), torch.roll(x, [torch.floordiv(torch.size(x, -1), 2)], [-1]), sin)

# Factors of rotate for N tokens, [N, 1, S] each: (cos, cos) and (-sin, sin).
def turn_factors(cos_table: Tensor, sin_table: Tensor, positions: Tensor) -> Tuple[Tensor, Tensor]:
  cos = torch.unsqueeze(torch.index_select(cos_table, 0, positions), 1)
  sin = torch.unsqueeze(torch.index_select(sin_table, 0, positions), 1)
  return (torch.cat([cos, cos], -1), torch.cat([torch.neg(sin), sin], -1))

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

# Causal attention of q [B, H, T, S] over k and v [B, KV, T, S]. libtorch's fused kernel, except for bfloat16 on a
# CPU: there its many small products cost more than they save, so that short rows take two products of the
# whole batch, and long rows, whose [T, T] scores would not fit, the fused kernel in float32.
def attention(q: Tensor, k: Tensor, v: Tensor, dt: int) -> Tensor:
  B = torch.size(q, 0)
  H = torch.size(q, 1)
  T = torch.size(q, 2)
  S = torch.size(q, 3)
  KV = torch.size(k, 1)
  G = torch.floordiv(H, KV)
  slow = torch.eq(dt, 15) and torch.__not__(ops.prim.is_cuda(q))
  if slow and torch.le(T, 512):
    places = torch.arange(T, dtype=4, device=ops.prim.device(q))
    ahead = torch.gt(torch.unsqueeze(places, 0), torch.unsqueeze(places, 1))
    hidden = torch.repeat(torch.masked_fill(torch.new_zeros(q, [T, T]), ahead, -1e30), [G, 1])
    scaled = torch.mul(torch.reshape(q, [B, KV, G * T, S]), pow(float(S), -0.5))
    scores = torch.add(torch.matmul(scaled, torch.transpose(k, 2, 3)), hidden)
    a = torch.view(torch.matmul(torch.softmax(scores, -1), v), [B, H, T, S])
  else:
    if torch.ne(KV, H):
      k = torch.reshape(torch.expand(torch.unsqueeze(k, 2), [B, KV, G, T, S]), [B, H, T, S])
      v = torch.reshape(torch.expand(torch.unsqueeze(v, 2), [B, KV, G, T, S]), [B, H, T, S])
    if slow:
      a = torch.to(torch.scaled_dot_product_attention(torch.to(q, 6), torch.to(k, 6), torch.to(v, 6), None, 0., True), dt)
    else:
      a = torch.scaled_dot_product_attention(q, k, v, None, 0., True)
  return a

# One block on the float32 residual stream x0 [N, D]; ws and o address the block's slots.
def block(x0: Tensor, ws: List[Tensor], o: int, shape: List[int], eps: float, s: float, cos: Tensor, sin: Tensor, slot: Tensor, B: int, T: int, dt: int) -> Tensor:
  N = torch.size(x0, 0)
  H = shape[1]
  KV = shape[2]
  S = shape[3]
  F = shape[4]
  h = __torch__.norm(x0, ws[o], eps, dt)
  qkv = __torch__.adapt(__torch__.dense(h, ws[o + 1], ws[o + 2]), h, ws, o + 12, [H * S, KV * S, KV * S], s)
  parts = torch.split_with_sizes(torch.view(qkv, [N, H + 2 * KV, S]), [H + KV, KV], 1)
  qk = torch.to(parts[0], 6)
  if __torch__.has(ws[o + 3]):
    q1 = __torch__.norm(torch.slice(qk, 1, 0, H, 1), ws[o + 3], eps, 6)
    k1 = __torch__.norm(torch.slice(qk, 1, H, H + KV, 1), ws[o + 4], eps, 6)
    qk = torch.cat([q1, k1], 1)
  qk = torch.to(__torch__.rotate(qk, cos, sin), dt)
  qk = torch.transpose(torch.view(__torch__.spread(qk, slot, B * T), [B, T, H + KV, S]), 1, 2)
  heads = torch.split_with_sizes(qk, [H, KV], 1)
  v = torch.transpose(torch.view(__torch__.spread(parts[1], slot, B * T), [B, T, KV, S]), 1, 2)
  a = __torch__.attention(heads[0], heads[1], v, dt)
  a = __torch__.gather_rows(torch.reshape(torch.transpose(a, 1, 2), [B * T, H * S]), slot)
  x = torch.add(x0, __torch__.adapt(__torch__.dense(a, ws[o + 5], ws[o + 6]), a, ws, o + 18, [torch.size(x0, 1)], s))
  h = __torch__.norm(x, ws[o + 7], eps, dt)
  gu = torch.chunk(__torch__.adapt(__torch__.dense(h, ws[o + 8], ws[o + 9]), h, ws, o + 20, [F, F], s), 2, -1)
  f = torch.mul(torch.silu(gu[0]), gu[1])
  return torch.add(x, __torch__.adapt(__torch__.dense(f, ws[o + 10], ws[o + 11]), f, ws, o + 24, [torch.size(x0, 1)], s))

def head_of(ws: List[Tensor]) -> Tensor:
  if __torch__.has(ws[-3]):
    w = ws[-3]
  else:
    w = ws[0]
  return w

# Rotary factors of positions 0 .. n - 1, computed in float64: cosines [n, S / 2], sines, and both as complex numbers.
def rotary(self: __torch__.M, n: int, S: int, theta: float, like: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
  j = torch.arange(0, S, 2, dtype=7, device=ops.prim.device(like))
  frequency = torch.pow(theta, torch.neg(torch.div(j, float(S))))
  angle = torch.mul(torch.unsqueeze(torch.arange(n, dtype=7, device=ops.prim.device(like)), 1), torch.unsqueeze(frequency, 0))
  cos = torch.to(torch.cos(angle), 6)
  sin = torch.to(torch.sin(angle), 6)
  return (cos, sin, torch.complex(cos, sin))
