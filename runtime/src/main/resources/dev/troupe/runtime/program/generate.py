# Generation with a KV cache. Weights are packed once per policy version: norm gains and the attention
# scale are folded into the projections, LoRA pairs are merged, query and key rows are interleaved so that
# a rotation is one complex product, and on a CPU the matrices take oneDNN's blocked layout.
#
# Packed slots: block l at 18 l: 0 qkv, 1 its bias, 2 output, 3 its bias, 4 gate and up, 5 its bias, 6 down,
# 7 its bias, 8 q norm, 9 k norm, and beside each matrix at i its low-rank branch, A at i + 10 and B at i + 11, empty
# where it is merged or there is none; then -2 head, -1 token embedding.
#
# With blocked matrices, and attention over a cache length rounded up to a step with a masked tail, the
# numbers of a row do not depend on the other rows, on how many there are, or on the number of threads.

# RMSNorm without its gain, which is folded into the next projection.
def unit(x: Tensor, eps: float, dt: int) -> Tensor:
  n = torch.linalg_vector_norm(x, 2, [-1], True)
  r = torch.rsqrt_(torch.add_(torch.mul_(torch.mul(n, n), torch.div(1., torch.size(x, -1))), eps))
  return torch.to(torch.mul(x, r), dt)

def product(x: Tensor, w: Tensor, bias: Tensor, blocked: bool) -> Tensor:
  if blocked:
    if __torch__.has(bias):
      y = ops.mkldnn._linear_pointwise(x, w, bias, "none", annotate(List[Optional[number]], []), "")
    else:
      y = ops.mkldnn._linear_pointwise(x, w, None, "none", annotate(List[Optional[number]], []), "")
  else:
    y = __torch__.dense(x, w, bias)
  return y

# The projection of slot i: its matrix and, kept apart from it, its low-rank branch.
def project(x: Tensor, ps: List[Tensor], i: int, blocked: bool) -> Tensor:
  y = __torch__.product(x, ps[i], ps[i + 1], blocked)
  if __torch__.has(ps[i + 10]):
    none = torch.new_empty(x, [0])
    narrow = __torch__.product(x, ps[i + 10], none, blocked)
    y = torch.add_(y, __torch__.product(narrow, ps[i + 11], none, blocked))
  return y

# Rows of each head from (first half, second half) to pairs.
def interleave(w: Tensor, S: int) -> Tensor:
  if torch.eq(torch.dim(w), 2):
    y = torch.reshape(torch.transpose(torch.view(w, [-1, 2, torch.floordiv(S, 2), torch.size(w, 1)]), 1, 2), [-1, torch.size(w, 1)])
  else:
    y = torch.reshape(torch.transpose(torch.view(w, [-1, 2, torch.floordiv(S, 2)]), 1, 2), [-1])
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
    o = 1 + 26 * l
    D = torch.size(ws[o + 5], 0)
    _1 = torch.copy_(out[o + 1], __torch__.merged(ws[o + 1], ws, o + 12, [q, kv, kv], s))
    _2 = torch.copy_(out[o + 5], __torch__.merged(ws[o + 5], ws, o + 18, [D], s))
    _3 = torch.copy_(out[o + 8], __torch__.merged(ws[o + 8], ws, o + 20, [shape[4], shape[4]], s))
    _4 = torch.copy_(out[o + 10], __torch__.merged(ws[o + 10], ws, o + 24, [D], s))
  return out

# limit: codes of the base, see dequantised; with 0 the pairs are merged, else their slots wait for pack_pairs.
def pack(self: __torch__.M, ws: List[Tensor], shape: List[int], s: float, limit: int, dt: int, blocked: bool, rows: int) -> List[Tensor]:
  torch.set_grad_enabled(False)
  H = shape[1]
  KV = shape[2]
  S = shape[3]
  F = shape[4]
  scale = pow(float(S), -0.5)
  out = annotate(List[Tensor], [])
  for l in range(shape[0]):
    o = 1 + 26 * l
    D = torch.size(ws[o + 5], 0)
    normed = __torch__.has(ws[o + 3])
    qs = scale
    if normed:
      qs = 1.
    w = torch.mul(__torch__.base(ws[o + 1], ws, o + 12, [H * S, KV * S, KV * S], s, limit), ws[o])
    parts = torch.split_with_sizes(w, [H * S, KV * S, KV * S], 0)
    w = torch.cat([torch.mul(__torch__.interleave(parts[0], S), qs), __torch__.interleave(parts[1], S), parts[2]], 0)
    _0 = torch.append(out, __torch__.store(w, dt, blocked, rows))
    bias = torch.detach(ws[o + 2])
    if __torch__.has(bias):
      bp = torch.split_with_sizes(bias, [H * S, KV * S, KV * S], 0)
      bias = torch.cat([torch.mul(__torch__.interleave(bp[0], S), qs), __torch__.interleave(bp[1], S), bp[2]], 0)
    _1 = torch.append(out, __torch__.own(bias, dt))
    _2 = torch.append(out, __torch__.store(__torch__.base(ws[o + 5], ws, o + 18, [D], s, limit), dt, blocked, rows))
    _3 = torch.append(out, __torch__.own(ws[o + 6], dt))
    _4 = torch.append(out, __torch__.store(torch.mul(__torch__.base(ws[o + 8], ws, o + 20, [F, F], s, limit), ws[o + 7]), dt, blocked, rows))
    _5 = torch.append(out, __torch__.own(ws[o + 9], dt))
    _6 = torch.append(out, __torch__.store(__torch__.base(ws[o + 10], ws, o + 24, [D], s, limit), dt, blocked, rows))
    _7 = torch.append(out, __torch__.own(ws[o + 11], dt))
    if normed:
      _8 = torch.append(out, torch.mul(__torch__.interleave(torch.detach(ws[o + 3]), S), scale))
      _9 = torch.append(out, torch.clone(__torch__.interleave(torch.detach(ws[o + 4]), S)))
    else:
      _10 = torch.append(out, __torch__.own(ws[o + 3], 6))
      _11 = torch.append(out, __torch__.own(ws[o + 4], 6))
    for i in range(8):
      _14 = torch.append(out, torch.new_empty(ws[0], [0]))
  _12 = torch.append(out, __torch__.store(torch.mul(torch.detach(__torch__.head_of(ws)), ws[-4]), dt, blocked, rows))
  _13 = torch.append(out, torch.clone(torch.detach(ws[0])))
  return out

# The low-rank branch of a fused projection: A of its parts stacked, times the gain of the norm before it; B of its
# parts on the diagonal, each times the factor of its part, with the rows of heads interleaved (S > 0).
def branch(ws: List[Tensor], o: int, sizes: List[int], factors: List[float], heads: List[int], gain: Tensor) -> Tuple[Tensor, Tensor]:
  downs = annotate(List[Tensor], [])
  ups = annotate(List[Tensor], [])
  for i in range(torch.len(sizes)):
    a = torch.detach(ws[o + 2 * i])
    if __torch__.has(a):
      up = torch.mul(torch.detach(ws[o + 2 * i + 1]), factors[i])
      if torch.gt(heads[i], 0):
        up = __torch__.interleave(up, heads[i])
      _0 = torch.append(downs, a)
      _1 = torch.append(ups, up)
    else:
      _2 = torch.append(ups, torch.new_zeros(ws[0], [sizes[i], 0]))
  down = torch.new_empty(ws[0], [0])
  up = down
  if torch.gt(torch.len(downs), 0):
    down = torch.cat(downs, 0)
    if __torch__.has(gain):
      down = torch.mul(down, gain)
    up = torch.block_diag(ups)
  return (down, up)

# The low-rank branches of all blocks in the compute type, 8 slots a block.
def pack_pairs(self: __torch__.M, ws: List[Tensor], shape: List[int], s: float, dt: int, blocked: bool, rows: int) -> List[Tensor]:
  torch.set_grad_enabled(False)
  S = shape[3]
  q = shape[1] * S
  kv = shape[2] * S
  F = shape[4]
  none = torch.new_empty(ws[0], [0])
  out = annotate(List[Tensor], [])
  for l in range(shape[0]):
    o = 1 + 26 * l
    D = torch.size(ws[o + 5], 0)
    qs = s
    if torch.__not__(__torch__.has(ws[o + 3])):
      qs = s * pow(float(S), -0.5)
    qkv = __torch__.branch(ws, o + 12, [q, kv, kv], [qs, s, s], [S, S, 0], ws[o])
    output = __torch__.branch(ws, o + 18, [D], [s], [0], none)
    inner = __torch__.branch(ws, o + 20, [F, F], [s, s], [0, 0], ws[o + 7])
    down = __torch__.branch(ws, o + 24, [D], [s], [0], none)
    pairs = [qkv[0], qkv[1], output[0], output[1], inner[0], inner[1], down[0], down[1]]
    for i in range(8):
      if __torch__.has(pairs[i]):
        _0 = torch.append(out, __torch__.store(pairs[i], dt, blocked, rows))
      else:
        _1 = torch.append(out, torch.new_empty(ws[0], [0]))
  return out

# Rotates the query and key heads of qkv [M, H + 2 KV, S] by the complex factors turn [M, 1, S / 2].
def turned(qkv: Tensor, ps: List[Tensor], o: int, turn: Tensor, H: int, KV: int, S: int, eps: float, dt: int) -> Tensor:
  M = torch.size(qkv, 0)
  qk = torch.to(torch.slice(qkv, 1, 0, H + KV, 1), 6)
  if __torch__.has(ps[o + 8]):
    qk = __torch__.unit(qk, eps, 6)
    qk = torch.cat([torch.mul(torch.slice(qk, 1, 0, H, 1), ps[o + 8]), torch.mul(torch.slice(qk, 1, H, H + KV, 1), ps[o + 9])], 1)
  pairs = torch.view_as_complex(torch.view(torch.contiguous(qk), [M, H + KV, torch.floordiv(S, 2), 2]))
  return torch.to(torch.view(torch.view_as_real(torch.mul(pairs, turn)), [M, H + KV, S]), dt)

def feed_forward(x: Tensor, ps: List[Tensor], o: int, F: int, eps: float, dt: int, blocked: bool) -> Tensor:
  gu = __torch__.project(__torch__.unit(x, eps, dt), ps, o + 4, blocked)
  h = torch.mul_(torch.silu(torch.slice(gu, 1, 0, F, 1)), torch.slice(gu, 1, F, 2 * F, 1))
  return torch.add_(x, __torch__.project(h, ps, o + 6, blocked))

# One block for one new token of each row: x [B, D]; the caches are kc [B, KV, S, C], vc [B, KV, C, S].
def step_block(x: Tensor, ps: List[Tensor], o: int, kc: Tensor, vc: Tensor, turn: Tensor, shape: List[int], eps: float, at: Tensor, same: int, hidden: Tensor, dt: int, blocked: bool) -> Tensor:
  B = torch.size(x, 0)
  H = shape[1]
  KV = shape[2]
  S = shape[3]
  qkv = torch.view(__torch__.project(__torch__.unit(x, eps, dt), ps, o, blocked), [B, H + 2 * KV, S])
  qk = __torch__.turned(qkv, ps, o, turn, H, KV, S, eps, dt)
  k_new = torch.slice(qk, 1, H, H + KV, 1)
  v_new = torch.slice(qkv, 1, H + KV, H + 2 * KV, 1)
  if torch.ge(same, 0):
    _0 = torch.copy_(torch.select(kc, 3, same), k_new)
    _1 = torch.copy_(torch.select(vc, 2, same), v_new)
  else:
    i = torch.view(at, [B, 1, 1, 1])
    _2 = torch.scatter_(kc, 3, torch.expand(i, [B, KV, S, 1]), torch.unsqueeze(k_new, 3))
    _3 = torch.scatter_(vc, 2, torch.expand(i, [B, KV, 1, S]), torch.unsqueeze(v_new, 2))
  q = torch.view(torch.slice(qk, 1, 0, H, 1), [B, KV, torch.floordiv(H, KV), S])
  scores = torch.add_(torch.matmul(q, kc), hidden)
  a = torch.matmul(torch.softmax(scores, -1), vc)
  x = torch.add_(x, __torch__.project(torch.reshape(a, [B, H * S]), ps, o + 2, blocked))
  return __torch__.feed_forward(x, ps, o, shape[4], eps, dt, blocked)

# Causal attention of q [U, H, P, S] over k [U, KV, S, P] and v [U, KV, P, S], with P a multiple of 32. Queries
# go in blocks of 32 that see the keys up to their own end, so the shapes, and with them the rounding, of a
# block do not depend on P.
def causal(q: Tensor, k: Tensor, v: Tensor, dt: int) -> Tensor:
  U = torch.size(q, 0)
  H = torch.size(q, 1)
  P = torch.size(q, 2)
  S = torch.size(q, 3)
  KV = torch.size(k, 1)
  G = torch.floordiv(H, KV)
  slots = torch.arange(P, dtype=4, device=ops.prim.device(q))
  blocks = annotate(List[Tensor], [])
  for i in range(0, P, 32):
    e = i + 32
    ahead = torch.gt(torch.slice(slots, 0, 0, e, 1), torch.unsqueeze(torch.slice(slots, 0, i, e, 1), 1))
    hidden = torch.repeat(torch.masked_fill(torch.new_zeros(q, [32, e]), ahead, -1e30), [G, 1])
    block = torch.reshape(torch.slice(torch.view(q, [U, KV, G, P, S]), 3, i, e, 1), [U, KV, G * 32, S])
    scores = torch.add_(torch.matmul(block, torch.slice(k, 3, 0, e, 1)), hidden)
    mixed = torch.matmul(torch.softmax(scores, -1), torch.slice(v, 2, 0, e, 1))
    _0 = torch.append(blocks, torch.view(mixed, [U, H, 32, S]))
  return torch.cat(blocks, 2)

# One block over whole prompts x [U P, D]; fills the first P cache slots of the prompts' own caches.
def prefill_block(x: Tensor, ps: List[Tensor], o: int, kc: Tensor, vc: Tensor, turn: Tensor, shape: List[int], eps: float, U: int, P: int, dt: int, blocked: bool) -> Tensor:
  H = shape[1]
  KV = shape[2]
  S = shape[3]
  qkv = torch.view(__torch__.project(__torch__.unit(x, eps, dt), ps, o, blocked), [U * P, H + 2 * KV, S])
  qk = torch.transpose(torch.view(__torch__.turned(qkv, ps, o, turn, H, KV, S, eps, dt), [U, P, H + KV, S]), 1, 2)
  q = torch.slice(qk, 1, 0, H, 1)
  k = torch.slice(qk, 1, H, H + KV, 1)
  v = torch.transpose(torch.view(torch.slice(qkv, 1, H + KV, H + 2 * KV, 1), [U, P, KV, S]), 1, 2)
  _0 = torch.copy_(torch.slice(kc, 3, 0, P, 1), torch.transpose(k, 2, 3))
  _1 = torch.copy_(torch.slice(vc, 2, 0, P, 1), v)
  a = __torch__.causal(torch.contiguous(q), torch.transpose(k, 2, 3), v, dt)
  x = torch.add_(x, __torch__.project(torch.reshape(torch.transpose(a, 1, 2), [U * P, H * S]), ps, o + 2, blocked))
  return __torch__.feed_forward(x, ps, o, shape[4], eps, dt, blocked)

# Reads U prompts (right-padded to P) once and hands each of the B rows a copy of its prompt's cache.
# Returns (key caches, value caches, residual stream of each row's last prompt token [B, D]).
def prefill(self: __torch__.M, ps: List[Tensor], shape: List[int], eps: float, turns: Tensor, tokens: Tensor, lengths: Tensor, row: Tensor, capacity: int, dt: int, blocked: bool) -> Tuple[List[Tensor], List[Tensor], Tensor]:
  torch.set_grad_enabled(False)
  U = torch.size(tokens, 0)
  P = torch.size(tokens, 1)
  B = torch.size(row, 0)
  KV = shape[2]
  S = shape[3]
  x = torch.embedding(ps[-1], torch.view(tokens, [-1]))
  turn = torch.unsqueeze(torch.repeat(torch.slice(turns, 0, 0, P, 1), [U, 1]), 1)
  ks = annotate(List[Tensor], [])
  vs = annotate(List[Tensor], [])
  for l in range(shape[0]):
    k1 = torch.new_empty(x, [U, KV, S, P], dtype=dt)
    v1 = torch.new_empty(x, [U, KV, P, S], dtype=dt)
    x = __torch__.prefill_block(x, ps, 18 * l, k1, v1, turn, shape, eps, U, P, dt, blocked)
    kc = torch.new_zeros(x, [B, KV, S, capacity], dtype=dt)
    vc = torch.new_zeros(x, [B, KV, capacity, S], dtype=dt)
    _0 = torch.copy_(torch.slice(kc, 3, 0, P, 1), torch.index_select(k1, 0, row))
    _1 = torch.copy_(torch.slice(vc, 2, 0, P, 1), torch.index_select(v1, 0, row))
    _2 = torch.append(ks, kc)
    _3 = torch.append(vs, vc)
  ends = torch.add(torch.mul(torch.arange(U, dtype=4, device=ops.prim.device(x)), P), torch.sub(lengths, 1))
  x = torch.index_select(torch.index_select(x, 0, ends), 0, row)
  return (ks, vs, x)

# Draws one token a row by inverse CDF from one uniform a row. limits = [temperature, top-p, min-p].
# Returns the tokens and their log-probabilities under the distribution that was sampled; with
# temperature 0 the most probable token and its log-probability at temperature 1.
def draw(logits: Tensor, u: Tensor, limits: List[float], top_k: int) -> Tuple[Tensor, Tensor]:
  if torch.eq(limits[0], 0.):
    lp = torch.log_softmax(logits, -1)
    t = torch.argmax(logits, -1, True)
    return (torch.squeeze(t, 1), torch.squeeze(torch.gather(lp, 1, t), 1))
  if torch.ne(limits[0], 1.):
    lp = torch.log_softmax(torch.div(logits, limits[0]), -1)
  else:
    lp = torch.log_softmax(logits, -1)
  V = torch.size(lp, 1)
  if torch.lt(limits[1], 1.) or torch.gt(limits[2], 0.) or torch.gt(top_k, 0):
    ordered = torch.sort(lp, stable=True, dim=-1, descending=True)
    p = torch.exp(ordered[0])
    if torch.gt(top_k, 0):
      _0 = torch.zero_(torch.slice(p, 1, top_k, V, 1))
    if torch.lt(limits[1], 1.):
      p = torch.div(p, torch.sum(p, [-1], True))
      before = torch.sub(torch.cumsum(p, -1), p)
      p = torch.masked_fill(p, torch.ge(before, limits[1]), 0.)
    if torch.gt(limits[2], 0.):
      p = torch.masked_fill(p, torch.lt(p, torch.mul(torch.slice(p, 1, 0, 1, 1), limits[2])), 0.)
    p = torch.div(p, torch.sum(p, [-1], True))
    cdf = torch.cumsum(p, -1)
    i = torch.clamp(torch.searchsorted(cdf, torch.mul(u, torch.slice(cdf, 1, V - 1, V, 1))), None, V - 1)
    return (torch.squeeze(torch.gather(ordered[1], 1, i), 1), torch.log(torch.squeeze(torch.gather(p, 1, i), 1)))
  cdf = torch.cumsum_(torch.exp(lp), -1)
  t = torch.clamp(torch.searchsorted(cdf, torch.mul(u, torch.slice(cdf, 1, V - 1, V, 1))), None, V - 1)
  return (torch.squeeze(t, 1), torch.squeeze(torch.gather(lp, 1, t), 1))

# Decodes n tokens for B rows. x [B, D] is the residual stream of the newest token, at [B] the cache slot
# of the next one; same is that slot when all rows agree, else -1. The caches have room for n more
# tokens; attention runs over all of their slots, so that its operands are whole and need no copy.
# seen [B, V] marks tokens of prompt and completion for the repetition penalty, empty when it is off.
# Returns (tokens [B, n], log-probabilities [B, n], residual stream of the last token).
def decode(self: __torch__.M, ps: List[Tensor], shape: List[int], eps: float, turns: Tensor, ks: List[Tensor], vs: List[Tensor], x: Tensor, at: Tensor, same: int, u: Tensor, n: int, limits: List[float], top_k: int, penalty: float, seen: Tensor, dt: int, blocked: bool) -> Tuple[Tensor, Tensor, Tensor]:
  torch.set_grad_enabled(False)
  B = torch.size(x, 0)
  none = torch.new_empty(x, [0])
  tokens = torch.new_empty(at, [B, n])
  logps = torch.new_empty(x, [B, n])
  C = torch.size(vs[0], 2)
  slots = torch.arange(C, dtype=4, device=ops.prim.device(x))
  for j in range(n):
    logits = torch.to(__torch__.product(__torch__.unit(x, eps, dt), ps[-2], none, blocked), 6)
    if __torch__.has(seen):
      logits = torch.where(seen, torch.where(torch.gt(logits, 0), torch.div(logits, penalty), torch.mul(logits, penalty)), logits)
    t, lp = __torch__.draw(logits, torch.slice(u, 1, j, j + 1, 1), limits, top_k)
    _0 = torch.copy_(torch.select(tokens, 1, j), t)
    _1 = torch.copy_(torch.select(logps, 1, j), lp)
    if __torch__.has(seen):
      _2 = torch.scatter_(seen, 1, torch.unsqueeze(t, 1), True)
    here = torch.add(at, j)
    there = same
    if torch.ge(same, 0):
      there = same + j
    ahead = torch.gt(slots, torch.unsqueeze(here, 1))
    hidden = torch.view(torch.masked_fill(torch.new_zeros(x, [B, C], dtype=dt), ahead, -1e30), [B, 1, 1, C])
    turn = torch.unsqueeze(torch.index_select(turns, 0, here), 1)
    x = torch.embedding(ps[-1], t)
    for l in range(shape[0]):
      x = __torch__.step_block(x, ps, 18 * l, ks[l], vs[l], turn, shape, eps, here, there, hidden, dt, blocked)
  return (tokens, logps, x)

# Caches for more slots with the same contents: keys [B, KV, S, C] and values [B, KV, C, S].
def grow(self: __torch__.M, ks: List[Tensor], vs: List[Tensor], capacity: int) -> Tuple[List[Tensor], List[Tensor]]:
  torch.set_grad_enabled(False)
  more = capacity - torch.size(vs[0], 2)
  keys = annotate(List[Tensor], [])
  values = annotate(List[Tensor], [])
  for l in range(torch.len(ks)):
    _0 = torch.append(keys, torch.constant_pad_nd(ks[l], [0, more]))
    _1 = torch.append(values, torch.constant_pad_nd(vs[l], [0, 0, 0, more]))
  return (keys, values)

# Keeps the given rows of the caches.
def keep_rows(self: __torch__.M, ts: List[Tensor], rows: Tensor) -> List[Tensor]:
  torch.set_grad_enabled(False)
  out = annotate(List[Tensor], [])
  for i in range(torch.len(ts)):
    _0 = torch.append(out, torch.index_select(ts[i], 0, rows))
  return out
