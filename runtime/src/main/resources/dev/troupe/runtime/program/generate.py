# Generation with a KV cache from packed weights (pack.py).
#
# With blocked matrices, and attention over a cache length rounded up to a step with a masked tail, the
# numbers of a row do not depend on the other rows, on how many there are, or on the number of threads.

# RMSNorm without its gain, which is folded into the next projection.
def unit(x: Tensor, eps: float, dt: int) -> Tensor:
  n = torch.linalg_vector_norm(x, 2, [-1], True)
  r = torch.rsqrt_(torch.add_(torch.mul_(torch.mul(n, n), torch.div(1., torch.size(x, -1))), eps))
  return torch.to(torch.mul(x, r), dt)

# What a norm gives the next projection; a LayerNorm's gain and bias are at slot i.
def normed(x: Tensor, ps: List[Tensor], i: int, shape: List[int], real: List[float], dt: int) -> Tensor:
  if torch.eq(shape[6], 2):
    y = torch.to(torch.layer_norm(x, [torch.size(x, -1)], ps[i], ps[i + 1], real[0]), dt)
  else:
    y = __torch__.unit(x, real[0], dt)
  return y

# Adds a sublayer's output to the residual stream, normed first where slot i has the gain of such a norm.
def join(x: Tensor, y: Tensor, ps: List[Tensor], i: int, there: List[bool], real: List[float], dt: int) -> Tensor:
  if there[i]:
    z = torch.to(torch.mul(__torch__.unit(torch.to(y, 6), real[0], 6), ps[i]), dt)
  else:
    z = y
  return torch.add_(x, z)

def product(x: Tensor, w: Tensor, bias: Tensor, biased: bool, blocked: bool) -> Tensor:
  if blocked:
    if biased:
      y = ops.mkldnn._linear_pointwise(x, w, bias, "none", annotate(List[Optional[number]], []), "")
    else:
      y = ops.mkldnn._linear_pointwise(x, w, None, "none", annotate(List[Optional[number]], []), "")
  else:
    if biased:
      y = torch.linear(x, w, bias)
    else:
      y = torch.linear(x, w)
  return y

# Which slots hold something; asked once for many tokens.
def given(ps: List[Tensor]) -> List[bool]:
  out = annotate(List[bool], [])
  for i in range(torch.len(ps)):
    _0 = torch.append(out, __torch__.has(ps[i]))
  return out

# The projection of slot i: its matrix and, kept apart from it, its low-rank branch.
def project(x: Tensor, ps: List[Tensor], i: int, there: List[bool], blocked: bool) -> Tensor:
  y = __torch__.product(x, ps[i], ps[i + 1], there[i + 1], blocked)
  if there[i + 10]:
    narrow = __torch__.product(x, ps[i + 10], x, False, blocked)
    y = torch.add_(y, __torch__.product(narrow, ps[i + 11], x, False, blocked))
  return y

# Rotates the query and key heads of qkv [M, H + 2 KV, S] in place by the complex factors turn [M, 1, S / 2].
def turn_heads(qkv: Tensor, ps: List[Tensor], o: int, gains: bool, turn: Tensor, shape: List[int], eps: float, dt: int) -> Tensor:
  M = torch.size(qkv, 0)
  H = shape[1]
  KV = shape[2]
  S = shape[3]
  heads = torch.slice(qkv, 1, 0, H + KV, 1)
  if torch.gt(shape[5], 0):
    if torch.eq(dt, 6) and torch.__not__(gains):
      _0 = torch.mul_(torch.view_as_complex(torch.view(heads, [M, H + KV, torch.floordiv(S, 2), 2])), turn)
    else:
      qk = torch.to(heads, 6)
      if gains:
        qk = __torch__.unit(qk, eps, 6)
        qk = torch.cat([torch.mul(torch.slice(qk, 1, 0, H, 1), ps[o + 8]), torch.mul(torch.slice(qk, 1, H, H + KV, 1), ps[o + 9])], 1)
      pairs = torch.mul_(torch.view_as_complex(torch.view(qk, [M, H + KV, torch.floordiv(S, 2), 2])), turn)
      _1 = torch.copy_(heads, torch.view(torch.view_as_real(pairs), [M, H + KV, S]))
  return qkv

# A copy of x whose rows do not touch, so that operators with a vector loop and a scalar rest, which round otherwise,
# begin with each row anew: what a number becomes then does not depend on how many rows there are.
def apart(x: Tensor) -> Tensor:
  n = torch.size(x, -1)
  return torch.slice(torch.constant_pad_nd(x, [0, 1]), -1, 0, n, 1)

# x held within a cap as by held, whatever its company.
def held_apart(x: Tensor, cap: float) -> Tensor:
  if torch.gt(cap, 0.):
    y = __torch__.held(__torch__.apart(x), cap)
  else:
    y = x
  return y

# The feed-forward's inner values, in place where that saves memory.
def inner(x: Tensor, F: int, kind: int) -> Tensor:
  if torch.eq(kind, 0):
    h = torch.mul_(torch.silu(torch.slice(x, 1, 0, F, 1)), torch.slice(x, 1, F, 2 * F, 1))
  else:
    h = __torch__.activate(__torch__.apart(x), kind)
  return h

def feed_forward(x: Tensor, ps: List[Tensor], o: int, there: List[bool], shape: List[int], real: List[float], dt: int, blocked: bool) -> Tensor:
  gu = __torch__.project(__torch__.normed(x, ps, o + 20, shape, real, dt), ps, o + 4, there, blocked)
  y = __torch__.project(__torch__.inner(gu, shape[4], shape[7]), ps, o + 6, there, blocked)
  return __torch__.join(x, y, ps, o + 23, there, real, dt)

# One block for one new token of each row: x [B, D]; the caches are kc [B, KV, S, C] and vc [B, KV, C, S], and
# with rows and heads as one axis, for products of the whole batch, kf [B KV, S, C] and vf [B KV, C, S].
def step_block(x: Tensor, ps: List[Tensor], o: int, there: List[bool], kc: Tensor, vc: Tensor, kf: Tensor, vf: Tensor, turn: Tensor, shape: List[int], real: List[float], at: Tensor, same: int, hidden: Tensor, dt: int, blocked: bool) -> Tensor:
  B = torch.size(x, 0)
  H = shape[1]
  KV = shape[2]
  S = shape[3]
  qkv = torch.view(__torch__.project(__torch__.normed(x, ps, o + 18, shape, real, dt), ps, o, there, blocked), [B, H + 2 * KV, S])
  parts = torch.split_with_sizes(__torch__.turn_heads(qkv, ps, o, there[o + 8], turn, shape, real[0], dt), [H, KV, KV], 1)
  if torch.ge(same, 0):
    _0 = torch.copy_(torch.select(kc, 3, same), parts[1])
    _1 = torch.copy_(torch.select(vc, 2, same), parts[2])
  else:
    i = torch.view(at, [B, 1, 1, 1])
    _2 = torch.scatter_(kc, 3, torch.expand(i, [B, KV, S, 1]), torch.unsqueeze(parts[1], 3))
    _3 = torch.scatter_(vc, 2, torch.expand(i, [B, KV, 1, S]), torch.unsqueeze(parts[2], 2))
  q = torch.reshape(parts[0], [B * KV, torch.floordiv(H, KV), S])
  if torch.gt(real[2], 0.):
    scores = torch.add(__torch__.held_apart(torch.bmm(q, kf), real[2]), hidden)
  else:
    scores = torch.baddbmm(hidden, q, kf)
  a = torch.bmm(torch.softmax(scores, -1), vf)
  x = __torch__.join(x, __torch__.project(torch.reshape(a, [B, H * S]), ps, o + 2, there, blocked), ps, o + 22, there, real, dt)
  return __torch__.feed_forward(x, ps, o, there, shape, real, dt, blocked)

# Causal attention of q [U, H, P, S] over k [U, KV, S, P] and v [U, KV, P, S], with P a multiple of 32. Queries
# go in blocks of 32 that see the keys up to their own end, so the shapes, and with them the rounding, of a
# block do not depend on P.
def causal(q: Tensor, k: Tensor, v: Tensor, window: int, cap: float, dt: int) -> Tensor:
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
    keys = torch.slice(slots, 0, 0, e, 1)
    queries = torch.unsqueeze(torch.slice(slots, 0, i, e, 1), 1)
    ahead = torch.gt(keys, queries)
    if torch.gt(window, 0):
      ahead = torch.logical_or(ahead, torch.le(keys, torch.sub(queries, window)))
    hidden = torch.repeat(torch.masked_fill(torch.new_zeros(q, [32, e]), ahead, -1e30), [G, 1])
    block = torch.reshape(torch.slice(torch.view(q, [U, KV, G, P, S]), 3, i, e, 1), [U, KV, G * 32, S])
    scores = torch.add(__torch__.held_apart(torch.matmul(block, torch.slice(k, 3, 0, e, 1)), cap), hidden)
    mixed = torch.matmul(torch.softmax(scores, -1), torch.slice(v, 2, 0, e, 1))
    _0 = torch.append(blocks, torch.view(mixed, [U, H, 32, S]))
  return torch.cat(blocks, 2)

# One block over the N tokens of whole prompts, x [N, D], whose places in the U x P grid are in slot; fills the first
# P cache slots of the prompts' own caches, beyond a prompt's end with zeros.
def prefill_block(x: Tensor, ps: List[Tensor], o: int, there: List[bool], kc: Tensor, vc: Tensor, turn: Tensor, slot: Tensor, shape: List[int], real: List[float], U: int, P: int, dt: int, blocked: bool) -> Tensor:
  H = shape[1]
  KV = shape[2]
  S = shape[3]
  qkv = torch.view(__torch__.project(__torch__.normed(x, ps, o + 18, shape, real, dt), ps, o, there, blocked), [-1, H + 2 * KV, S])
  qkv = __torch__.turn_heads(qkv, ps, o, there[o + 8], turn, shape, real[0], dt)
  qkv = __torch__.spread(qkv, slot, U * P)
  parts = torch.split_with_sizes(torch.transpose(torch.view(qkv, [U, P, H + 2 * KV, S]), 1, 2), [H, KV, KV], 1)
  q = parts[0]
  k = parts[1]
  v = parts[2]
  _0 = torch.copy_(torch.slice(kc, 3, 0, P, 1), torch.transpose(k, 2, 3))
  _1 = torch.copy_(torch.slice(vc, 2, 0, P, 1), v)
  a = __torch__.causal(torch.contiguous(q), torch.transpose(k, 2, 3), v, shape[8 + torch.floordiv(o, 24)], real[2], dt)
  a = __torch__.gather_rows(torch.reshape(torch.transpose(a, 1, 2), [U * P, H * S]), slot)
  x = __torch__.join(x, __torch__.project(a, ps, o + 2, there, blocked), ps, o + 22, there, real, dt)
  return __torch__.feed_forward(x, ps, o, there, shape, real, dt, blocked)

# The residual stream before the first block. Rows that have ended may run on beyond the last position.
def first(ps: List[Tensor], there: List[bool], tokens: Tensor, positions: Tensor) -> Tensor:
  x = torch.embedding(ps[-1], tokens)
  if there[-5]:
    x = torch.add_(x, torch.embedding(ps[-5], torch.clamp(positions, None, torch.size(ps[-5], 0) - 1)))
  return x

# Complex factors of tokens from each table, [N, 1, S / 2].
def turns_at(turns: List[Tensor], positions: Tensor) -> List[Tensor]:
  out = annotate(List[Tensor], [])
  for i in range(torch.len(turns)):
    _0 = torch.append(out, torch.unsqueeze(torch.index_select(turns[i], 0, positions), 1))
  return out

# 0 in the cache slots that a new token sees and -1e30 in the others, [B KV, 1, C].
def masked(slots: Tensor, here: Tensor, window: int, B: int, KV: int, like: Tensor, dt: int) -> Tensor:
  C = torch.size(slots, 0)
  newest = torch.view(here, [B, 1, 1])
  out = torch.gt(slots, newest)
  if torch.gt(window, 0):
    out = torch.logical_or(out, torch.le(slots, torch.sub(newest, window)))
  return torch.view(torch.masked_fill(torch.new_zeros(like, [B, KV, C], dtype=dt), torch.expand(out, [B, KV, C]), -1e30), [B * KV, 1, C])

# Reads U prompts, N tokens together, once and hands each of the B rows a copy of its prompt's cache. Only attention
# sees the prompts right-padded to P: slot is as in prefill_block, empty when N = U P.
# ends [U]: index of each prompt's last token; row [B]: each row's prompt.
# Returns (key caches, value caches, residual stream of each row's last prompt token [B, D]).
def prefill(self: __torch__.M, ps: List[Tensor], shape: List[int], real: List[float], turns: List[Tensor], tokens: Tensor, positions: Tensor, slot: Tensor, ends: Tensor, P: int, row: Tensor, capacity: int, dt: int, blocked: bool) -> Tuple[List[Tensor], List[Tensor], Tensor]:
  torch.set_grad_enabled(False)
  U = torch.size(ends, 0)
  B = torch.size(row, 0)
  KV = shape[2]
  S = shape[3]
  there = __torch__.given(ps)
  x = __torch__.first(ps, there, tokens, positions)
  factors = __torch__.turns_at(turns, positions)
  ks = annotate(List[Tensor], [])
  vs = annotate(List[Tensor], [])
  for l in range(shape[0]):
    k1 = torch.new_empty(x, [U, KV, S, P], dtype=dt)
    v1 = torch.new_empty(x, [U, KV, P, S], dtype=dt)
    x = __torch__.prefill_block(x, ps, 24 * l, there, k1, v1, factors[__torch__.local_at(torch.len(turns), 1, shape[8 + l])], slot, shape, real, U, P, dt, blocked)
    kc = torch.new_zeros(x, [B, KV, S, capacity], dtype=dt)
    vc = torch.new_zeros(x, [B, KV, capacity, S], dtype=dt)
    _0 = torch.copy_(torch.slice(kc, 3, 0, P, 1), torch.index_select(k1, 0, row))
    _1 = torch.copy_(torch.slice(vc, 2, 0, P, 1), torch.index_select(v1, 0, row))
    _2 = torch.append(ks, kc)
    _3 = torch.append(vs, vc)
  return (ks, vs, torch.index_select(torch.index_select(x, 0, ends), 0, row))

# The first index of each row at which the cumulated probability reaches the share u [B, 1] of the total.
def inverse(p: Tensor, u: Tensor) -> Tensor:
  V = torch.size(p, 1)
  cdf = torch.cumsum(p, -1)
  return torch.clamp(torch.searchsorted(cdf, torch.mul(u, torch.slice(cdf, 1, V - 1, V, 1))), None, V - 1)

# Draws one token a row by inverse CDF from one uniform a row. limits = [temperature, top-p, min-p].
# Returns the tokens [B, 1] and their probabilities [B, 1] under the distribution that was sampled; with
# temperature 0 the most probable token and its probability at temperature 1.
def draw(logits: Tensor, u: Tensor, limits: List[float], top_k: int) -> Tuple[Tensor, Tensor]:
  if torch.eq(limits[0], 0.):
    t = torch.argmax(logits, -1, True)
    return (t, torch.gather(torch.softmax(logits, -1), 1, t))
  if torch.ne(limits[0], 1.):
    logits = torch.div(logits, limits[0])
  p = torch.softmax(logits, -1)
  if torch.lt(limits[1], 1.) or torch.gt(limits[2], 0.) or torch.gt(top_k, 0):
    V = torch.size(p, 1)
    ordered = torch.sort(p, stable=True, dim=-1, descending=True)
    p = ordered[0]
    if torch.gt(top_k, 0):
      _0 = torch.zero_(torch.slice(p, 1, top_k, V, 1))
    if torch.lt(limits[1], 1.):
      p = torch.div(p, torch.sum(p, [-1], True))
      before = torch.sub(torch.cumsum(p, -1), p)
      p = torch.masked_fill(p, torch.ge(before, limits[1]), 0.)
    if torch.gt(limits[2], 0.):
      p = torch.masked_fill(p, torch.lt(p, torch.mul(torch.slice(p, 1, 0, 1, 1), limits[2])), 0.)
    p = torch.div(p, torch.sum(p, [-1], True))
    i = __torch__.inverse(p, u)
    return (torch.gather(ordered[1], 1, i), torch.gather(p, 1, i))
  t = __torch__.inverse(p, u)
  return (t, torch.gather(p, 1, t))

# Decodes n tokens for B rows. x [B, D] is the residual stream of the newest token, at [B] the cache slot
# of the next one; same is that slot when all rows agree, else -1. The caches have room for n more
# tokens; attention runs over their first C slots. (Where these are all of them its operands are whole: oneDNN
# copies the others for bfloat16, MKL takes them as they are.)
# seen [B, V] marks tokens of prompt and completion for the repetition penalty, empty when it is off.
# ending: no row goes on after these tokens, so that the last is drawn but not read.
# Returns (tokens [B, n], their probabilities [B, n], residual stream of the last token read).
def decode(self: __torch__.M, ps: List[Tensor], shape: List[int], real: List[float], turns: List[Tensor], ks: List[Tensor], vs: List[Tensor], x: Tensor, at: Tensor, same: int, C: int, u: Tensor, n: int, ending: bool, limits: List[float], top_k: int, penalty: float, seen: Tensor, dt: int, blocked: bool) -> Tuple[Tensor, Tensor, Tensor]:
  torch.set_grad_enabled(False)
  B = torch.size(x, 0)
  there = __torch__.given(ps)
  KV = shape[2]
  S = shape[3]
  window = 0
  for l in range(shape[0]):
    window = max(window, shape[8 + l])
  slots = torch.arange(C, dtype=4, device=ops.prim.device(x))
  kf = annotate(List[Tensor], [])
  vf = annotate(List[Tensor], [])
  for l in range(shape[0]):
    _0 = torch.append(kf, torch.view(torch.slice(ks[l], 3, 0, C, 1), [B * KV, S, C]))
    _1 = torch.append(vf, torch.view(torch.slice(vs[l], 2, 0, C, 1), [B * KV, C, S]))
  tokens = annotate(List[Tensor], [])
  chances = annotate(List[Tensor], [])
  for j in range(n):
    h = __torch__.normed(x, ps, torch.len(ps) - 4, shape, real, dt)
    logits = __torch__.held_apart(torch.to(__torch__.product(h, ps[-2], x, False, blocked), 6), real[3])
    if __torch__.has(seen):
      logits = torch.where(seen, torch.where(torch.gt(logits, 0), torch.div(logits, penalty), torch.mul(logits, penalty)), logits)
    t, p = __torch__.draw(logits, torch.slice(u, 1, j, j + 1, 1), limits, top_k)
    _2 = torch.append(tokens, t)
    _3 = torch.append(chances, p)
    if __torch__.has(seen):
      _4 = torch.scatter_(seen, 1, t, True)
    if torch.__not__(ending) or torch.lt(j, n - 1):
      here = torch.add(at, j)
      common = same
      if torch.ge(same, 0):
        common = same + j
      hidden = __torch__.masked(slots, here, 0, B, KV, x, dt)
      near = hidden
      if torch.gt(window, 0):
        near = __torch__.masked(slots, here, window, B, KV, x, dt)
      factors = __torch__.turns_at(turns, here)
      x = __torch__.first(ps, there, torch.view(t, [B]), here)
      for l in range(shape[0]):
        seen_slots = hidden
        if torch.gt(shape[8 + l], 0):
          seen_slots = near
        turn = factors[__torch__.local_at(torch.len(turns), 1, shape[8 + l])]
        x = __torch__.step_block(x, ps, 24 * l, there, ks[l], vs[l], kf[l], vf[l], turn, shape, real, here, common, seen_slots, dt, blocked)
  return (torch.cat(tokens, 1), torch.cat(chances, 1), x)

# A cache whose axis d has room for more slots; the new ones hold zeros.
def longer(x: Tensor, d: int, capacity: int) -> Tensor:
  held = torch.size(x, d)
  sizes = torch.size(x)
  _0 = torch._set_item(sizes, d, capacity)
  y = torch.new_empty(x, sizes)
  _1 = torch.copy_(torch.slice(y, d, 0, held, 1), x)
  _2 = torch.zero_(torch.slice(y, d, held, capacity, 1))
  return y

# Caches for more slots with the same contents: keys [B, KV, S, C] and values [B, KV, C, S].
def grow(self: __torch__.M, ks: List[Tensor], vs: List[Tensor], capacity: int) -> Tuple[List[Tensor], List[Tensor]]:
  torch.set_grad_enabled(False)
  keys = annotate(List[Tensor], [])
  values = annotate(List[Tensor], [])
  for l in range(torch.len(ks)):
    _0 = torch.append(keys, __torch__.longer(ks[l], 3, capacity))
    _1 = torch.append(values, __torch__.longer(vs[l], 2, capacity))
  return (keys, values)

# Keeps the given rows of the caches.
def keep_rows(self: __torch__.M, ts: List[Tensor], rows: Tensor) -> List[Tensor]:
  torch.set_grad_enabled(False)
  out = annotate(List[Tensor], [])
  for i in range(torch.len(ts)):
    _0 = torch.append(out, torch.index_select(ts[i], 0, rows))
  return out
