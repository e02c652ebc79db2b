# Weights for generation, packed once per policy version: norm gains and the attention scale are folded into the
# projections, LoRA pairs are merged, query and key rows are interleaved so that a rotation is one complex product,
# and on a CPU the matrices take oneDNN's blocked layout.
#
# Packed slots: block l at 24 l: 0 qkv, 1 its bias, 2 output, 3 its bias, 4 gate and up, 5 its bias, 6 down,
# 7 its bias, 8 q norm, 9 k norm, and beside each matrix at i its low-rank branch, A at i + 10 and B at i + 11, empty
# where it is merged or there is none; 18 .. 21 gains and biases of LayerNorms, which are not folded, 22 and 23
# gains of the norms after attention and feed-forward; then -5 position embedding, -4 and -3 gain and bias of the
# final LayerNorm, -2 head, -1 token embedding times its factor.

# An empty tensor.
def nothing(like: Tensor) -> Tensor:
  return torch.new_empty(like, [0])

# The R rotated rows of each head from (first half, second half) to pairs; the rest stay where they are.
def interleave(w: Tensor, S: int, R: int) -> Tensor:
  if torch.eq(R, 0):
    y = w
  else:
    per = torch.floordiv(torch.numel(w), torch.size(w, 0))
    parts = torch.split_with_sizes(torch.reshape(w, [-1, S, per]), [R, S - R], 1)
    pairs = torch.transpose(torch.reshape(parts[0], [-1, 2, torch.floordiv(R, 2), per]), 1, 2)
    y = torch.reshape_as(torch.cat([torch.reshape(pairs, [-1, R, per]), parts[1]], 1), w)
  return y

# What a norm's output is multiplied by, in float32.
def gain_of(w: Tensor, kind: int) -> Tensor:
  g = torch.to(torch.detach(w), 6)
  if torch.eq(kind, 1):
    g = torch.add(g, 1.)
  return g

# The columns of w times a norm's gain, unless that is a LayerNorm, whose gain stays outside.
def folded(w: Tensor, gain: Tensor, kind: int) -> Tensor:
  if torch.eq(kind, 2):
    y = w
  else:
    y = torch.mul(w, __torch__.gain_of(gain, kind))
  return y

def merged(w: Tensor, ws: List[Tensor], o: int, sizes: List[int], s: float) -> Tensor:
  any = False
  for i in range(torch.len(sizes)):
    if __torch__.has(ws[o + 2 * i]):
      any = True
  y = torch.detach(w)
  if any:
    parts = annotate(List[Tensor], [])
    for i in range(torch.len(sizes)):
      if __torch__.has(ws[o + 2 * i]):
        _0 = torch.append(parts, torch.mul(torch.mm(ws[o + 2 * i + 1], ws[o + 2 * i]), s))
      else:
        _1 = torch.append(parts, torch.new_zeros(w, [sizes[i], torch.size(w, 1)]))
    y = torch.add(y, torch.cat(parts, 0))
  return y

# A copy in the compute type: packed weights never share memory with the weights they come from.
def own(w: Tensor, dt: int) -> Tensor:
  return torch.clone(torch.contiguous(torch.to(torch.detach(w), dt)))

def store(w: Tensor, dt: int, blocked: bool, rows: int) -> Tensor:
  if blocked:
    y = ops.mkldnn._reorder_linear_weight(torch.contiguous(torch.to(w, dt)), rows)
  else:
    y = __torch__.own(w, dt)
  return y

# What integers of a matrix stand for: absmax codes of -limit .. limit, by row (127, INT8) or by row and group of 32
# columns (7, INT4); 0 is no integers.
def dequantised(w: Tensor, limit: int) -> Tensor:
  K = torch.size(w, 1)
  g = K
  if torch.eq(limit, 7):
    g = 32
  if torch.eq(limit, 0):
    y = w
  else:
    more = torch.remainder(g - torch.remainder(K, g), g)
    parts = torch.view(torch.constant_pad_nd(w, [0, more]), [torch.size(w, 0), -1, g])
    scale = torch.div(torch.amax(torch.abs(parts), [-1], True), float(limit))
    codes = torch.round(torch.div(parts, torch.masked_fill(scale, torch.eq(scale, 0), 1.)))
    y = torch.slice(torch.reshape(torch.mul(codes, scale), [torch.size(w, 0), K + more]), 1, 0, K, 1)
  return y

# The matrix that is packed: with its pairs merged in, or its integers without them.
def base(w: Tensor, ws: List[Tensor], o: int, sizes: List[int], s: float, limit: int) -> Tensor:
  if torch.eq(limit, 0):
    y = __torch__.merged(w, ws, o, sizes, s)
  else:
    y = __torch__.dequantised(torch.detach(w), limit)
  return y

# Full weights with the low-rank pairs merged in (what is saved as a merged model).
def merge(self: __torch__.M, ws: List[Tensor], shape: List[int], s: float) -> List[Tensor]:
  torch.set_grad_enabled(False)
  q = shape[1] * shape[3]
  kv = shape[2] * shape[3]
  out = annotate(List[Tensor], [])
  for i in range(torch.len(ws)):
    _0 = torch.append(out, torch.clone(torch.detach(ws[i])))
  for l in range(shape[0]):
    o = 1 + 30 * l
    D = torch.size(ws[o + 5], 0)
    _1 = torch.copy_(out[o + 1], __torch__.merged(ws[o + 1], ws, o + 12, [q, kv, kv], s))
    _2 = torch.copy_(out[o + 5], __torch__.merged(ws[o + 5], ws, o + 18, [D], s))
    sizes, first = __torch__.inner_parts(shape)
    _3 = torch.copy_(out[o + 8], __torch__.merged(ws[o + 8], ws, o + first, sizes, s))
    _4 = torch.copy_(out[o + 10], __torch__.merged(ws[o + 10], ws, o + 24, [D], s))
  return out

# A LayerNorm's gain or bias, which stays outside of projections; nothing of another norm.
def outside(w: Tensor, kind: int) -> Tensor:
  if torch.eq(kind, 2):
    y = __torch__.own(w, 6)
  else:
    y = __torch__.nothing(w)
  return y

# limit: codes of the base, see dequantised; with 0 the pairs are merged, else their slots wait for pack_pairs.
def pack(self: __torch__.M, ws: List[Tensor], shape: List[int], real: List[float], s: float, limit: int, dt: int, blocked: bool, rows: int) -> List[Tensor]:
  torch.set_grad_enabled(False)
  H = shape[1]
  KV = shape[2]
  S = shape[3]
  R = shape[5]
  kind = shape[6]
  sizes, first = __torch__.inner_parts(shape)
  scale = real[1]
  out = annotate(List[Tensor], [])
  for l in range(shape[0]):
    o = 1 + 30 * l
    D = torch.size(ws[o + 5], 0)
    gains = __torch__.has(ws[o + 3])
    qs = scale
    if gains:
      qs = 1.
    w = __torch__.folded(__torch__.base(ws[o + 1], ws, o + 12, [H * S, KV * S, KV * S], s, limit), ws[o], kind)
    parts = torch.split_with_sizes(w, [H * S, KV * S, KV * S], 0)
    w = torch.cat([torch.mul(__torch__.interleave(parts[0], S, R), qs), __torch__.interleave(parts[1], S, R), parts[2]], 0)
    _0 = torch.append(out, __torch__.store(w, dt, blocked, rows))
    bias = torch.detach(ws[o + 2])
    if __torch__.has(bias):
      bp = torch.split_with_sizes(bias, [H * S, KV * S, KV * S], 0)
      bias = torch.cat([torch.mul(__torch__.interleave(bp[0], S, R), qs), __torch__.interleave(bp[1], S, R), bp[2]], 0)
    _1 = torch.append(out, __torch__.own(bias, dt))
    _2 = torch.append(out, __torch__.store(__torch__.base(ws[o + 5], ws, o + 18, [D], s, limit), dt, blocked, rows))
    _3 = torch.append(out, __torch__.own(ws[o + 6], dt))
    w = __torch__.folded(__torch__.base(ws[o + 8], ws, o + first, sizes, s, limit), ws[o + 7], kind)
    _4 = torch.append(out, __torch__.store(w, dt, blocked, rows))
    _5 = torch.append(out, __torch__.own(ws[o + 9], dt))
    _6 = torch.append(out, __torch__.store(__torch__.base(ws[o + 10], ws, o + 24, [D], s, limit), dt, blocked, rows))
    _7 = torch.append(out, __torch__.own(ws[o + 11], dt))
    if gains:
      _8 = torch.append(out, torch.mul(__torch__.interleave(__torch__.gain_of(ws[o + 3], kind), S, R), scale))
      _9 = torch.append(out, torch.clone(__torch__.interleave(__torch__.gain_of(ws[o + 4], kind), S, R)))
    else:
      _10 = torch.append(out, __torch__.nothing(ws[0]))
      _11 = torch.append(out, __torch__.nothing(ws[0]))
    for i in range(8):
      _12 = torch.append(out, __torch__.nothing(ws[0]))
    for i in [0, 26, 7, 27]:
      _13 = torch.append(out, __torch__.outside(ws[o + i], kind))
    for i in [28, 29]:
      if __torch__.has(ws[o + i]):
        _14 = torch.append(out, torch.clone(__torch__.gain_of(ws[o + i], kind)))
      else:
        _15 = torch.append(out, __torch__.nothing(ws[0]))
  _16 = torch.append(out, __torch__.own(ws[-6], 6))
  _17 = torch.append(out, __torch__.outside(ws[-4], kind))
  _18 = torch.append(out, __torch__.outside(ws[-5], kind))
  _19 = torch.append(out, __torch__.store(__torch__.folded(torch.detach(__torch__.head_of(ws)), ws[-4], kind), dt, blocked, rows))
  _20 = torch.append(out, torch.mul(torch.detach(ws[0]), real[4]))
  return out

# The low-rank branch of a fused projection: A of its parts stacked, times the gain of the norm before it; B of its
# parts on the diagonal, each times the factor of its part, with the rows of heads that turn interleaved.
def branch(ws: List[Tensor], o: int, sizes: List[int], factors: List[float], turned: List[int], S: int, gain: Tensor, kind: int) -> Tuple[Tensor, Tensor]:
  downs = annotate(List[Tensor], [])
  ups = annotate(List[Tensor], [])
  for i in range(torch.len(sizes)):
    a = torch.detach(ws[o + 2 * i])
    if __torch__.has(a):
      up = torch.mul(torch.detach(ws[o + 2 * i + 1]), factors[i])
      if torch.gt(turned[i], 0):
        up = __torch__.interleave(up, S, turned[i])
      _0 = torch.append(downs, a)
      _1 = torch.append(ups, up)
    else:
      _2 = torch.append(ups, torch.new_zeros(ws[0], [sizes[i], 0]))
  down = torch.new_empty(ws[0], [0])
  up = down
  if torch.gt(torch.len(downs), 0):
    down = torch.cat(downs, 0)
    if __torch__.has(gain):
      down = __torch__.folded(down, gain, kind)
    up = torch.block_diag(ups)
  return (down, up)

# The low-rank branches of all blocks in the compute type, 8 slots a block.
def pack_pairs(self: __torch__.M, ws: List[Tensor], shape: List[int], real: List[float], s: float, dt: int, blocked: bool, rows: int) -> List[Tensor]:
  torch.set_grad_enabled(False)
  S = shape[3]
  R = shape[5]
  kind = shape[6]
  q = shape[1] * S
  kv = shape[2] * S
  sizes, first = __torch__.inner_parts(shape)
  factors = annotate(List[float], [])
  still = annotate(List[int], [])
  for i in range(torch.len(sizes)):
    _2 = torch.append(factors, s)
    _3 = torch.append(still, 0)
  none = __torch__.nothing(ws[0])
  out = annotate(List[Tensor], [])
  for l in range(shape[0]):
    o = 1 + 30 * l
    D = torch.size(ws[o + 5], 0)
    qs = s
    if torch.__not__(__torch__.has(ws[o + 3])):
      qs = s * real[1]
    qkv = __torch__.branch(ws, o + 12, [q, kv, kv], [qs, s, s], [R, R, 0], S, ws[o], kind)
    output = __torch__.branch(ws, o + 18, [D], [s], [0], S, none, kind)
    inner = __torch__.branch(ws, o + first, sizes, factors, still, S, ws[o + 7], kind)
    down = __torch__.branch(ws, o + 24, [D], [s], [0], S, none, kind)
    pairs = [qkv[0], qkv[1], output[0], output[1], inner[0], inner[1], down[0], down[1]]
    for i in range(8):
      if __torch__.has(pairs[i]):
        _0 = torch.append(out, __torch__.store(pairs[i], dt, blocked, rows))
      else:
        _1 = torch.append(out, torch.new_empty(ws[0], [0]))
  return out
