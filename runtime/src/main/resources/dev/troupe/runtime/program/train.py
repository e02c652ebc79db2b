# Training: forward with the graph kept, back-propagation from upstream gradients, fused AdamW.
# The loss itself lives in Java: forward gives per-token quantities, Java gives their gradients to backward.

# Weights in the compute type, detached from the float32 masters (an alias where the types agree).
def cast(self: __torch__.M, ws: List[Tensor], dt: int) -> List[Tensor]:
  torch.set_grad_enabled(False)
  cs = annotate(List[Tensor], [])
  for i in range(torch.len(ws)):
    _0 = torch.append(cs, torch.detach(torch.to(ws[i], dt)))
  return cs

# Logits of rows h [C, D] under the head, in float32, within the cap where there is one.
def logits(h: Tensor, w: Tensor, cap: float) -> Tensor:
  return __torch__.held(torch.to(torch.linear(h, w), 6), cap)

# Log-probabilities of rows at the sampling temperature.
def log_rows(z: Tensor, temperature: float) -> Tensor:
  if torch.ne(temperature, 1.):
    z = torch.div(z, temperature)
  return torch.log_softmax(z, -1)

# A gradient by logits z that were held within a cap, times their derivative 1 - tanh^2 by what was held.
def release(g: Tensor, z: Tensor, cap: float) -> Tensor:
  if torch.gt(cap, 0.):
    bent = torch.div(z, cap)
    y = torch.mul(g, torch.sub(1., torch.mul(bent, bent)))
  else:
    y = g
  return y

# p - onehot(t), in place: subtracted in float32, so that a confident row keeps its small difference.
def less_target(p: Tensor, t: Tensor) -> Tensor:
  return torch.scatter_add_(p, 1, t, torch.full_like(t, -1., dtype=6))

# Divergence of rows between log-probabilities lp of the policy and lq of the reference, [C], and its derivative
# by the logits over the temperature, [C, V]; r = log p - log q:
#   way 1  sum q (log q - log p), by z: p - q        way 2  sum p (log p - log q) = d, by z: p (r - d)
# Summed from differences, so that equal distributions have 0 to the bit.
def diverge(lp: Tensor, p: Tensor, lq: Tensor, way: int) -> Tuple[Tensor, Tensor]:
  r = torch.sub(lp, lq)
  if torch.eq(way, 1):
    q = torch.exp(lq)
    d = torch.neg(torch.sum(torch.mul_(r, q), [-1]))
    slope = torch.sub(p, q)
  else:
    d = torch.sum(torch.mul(r, p), [-1])
    slope = torch.mul_(torch.sub_(r, torch.unsqueeze(d, 1)), p)
  return (d, slope)

# Whether the feed-forward of block l is differentiated by hand: RMSNorm with a plain gain and SiLU with a gate,
# without biases, adapters and a norm behind it.
def by_hand(ws: List[Tensor], l: int, shape: List[int]) -> bool:
  plain = torch.eq(shape[6], 0) and torch.eq(shape[7], 0)
  for j in [9, 11, 20, 21, 22, 23, 24, 25, 29]:
    if __torch__.has(ws[1 + 30 * l + j]):
      plain = False
  return plain

# Such a feed-forward on x [N, D], operator by operator what fed does: [what leaves it, the norm's factor [N, 1], the
# normed states, both halves of the first projection, the inner values].
def fed_parts(x: Tensor, ws: List[Tensor], l: int, real: List[float], dt: int) -> List[Tensor]:
  o = 1 + 30 * l
  n = torch.linalg_vector_norm(x, 2, [-1], True)
  r = torch.rsqrt(torch.add(torch.mul(torch.mul(n, n), torch.div(1., torch.size(x, -1))), real[0]))
  h = torch.mul(torch.to(torch.mul(x, r), dt), ws[o + 7])
  gu = torch.linear(h, ws[o + 8])
  halves = torch.chunk(gu, 2, -1)
  f = torch.mul(torch.silu(halves[0]), halves[1])
  return [torch.add(x, torch.linear(f, ws[o + 10])), r, h, gu, f]

# Adds g^T x to a float32 sum, in one operator where the types agree.
def add_outer(total: Tensor, g: Tensor, x: Tensor) -> None:
  if torch.eq(ops.prim.dtype(g), 6):
    _0 = torch.addmm_(total, torch.t(g), x)
  else:
    _1 = torch.add_(total, torch.mm(torch.t(g), x))
  return None

# The gradient by x of fed_parts, whose values these are, from that by what left it; adds those by its weights:
#   silu(a) b: by a, silu'(a) b; by b, silu(a)        x r: r g - x (r^3 / D) sum(x g)
def fed_backward(g: Tensor, x: Tensor, parts: List[Tensor], sums: List[Tensor], train: List[bool], ws: List[Tensor], l: int, dt: int) -> Tensor:
  o = 1 + 30 * l
  r = parts[1]
  gy = torch.to(g, dt)
  if train[o + 10]:
    __torch__.add_outer(sums[o + 10], gy, parts[4])
  gf = torch.mm(gy, ws[o + 10])
  halves = torch.chunk(parts[3], 2, -1)
  F = torch.size(gf, 1)
  ggu = torch.empty_like(parts[3])
  _0 = torch.mul(torch.silu(halves[0]), gf, out=torch.slice(ggu, 1, F, 2 * F, 1))
  _1 = torch.silu_backward(torch.mul_(gf, halves[1]), halves[0], grad_input=torch.slice(ggu, 1, 0, F, 1))
  if train[o + 8]:
    __torch__.add_outer(sums[o + 8], ggu, parts[2])
  gh = torch.mm(ggu, ws[o + 8])
  if train[o + 7]:
    _2 = torch.add_(sums[o + 7], torch.sum(torch.mul(gh, torch.to(torch.mul(x, r), dt)), [0]))
  gn = torch.to(torch.mul(gh, ws[o + 7]), 6)
  along = torch.mul(torch.sum(torch.mul(gn, x), [-1], True), torch.mul(torch.pow(r, 3), torch.div(-1., torch.size(x, -1))))
  return torch.addcmul_(torch.addcmul(g, gn, r), x, along)

# Forward over N tokens; K selected positions predict the K targets.
#   ws        weights in the compute type (from cast)     train   which slots want gradients
#   positions [N] position of each token in its own sequence; tables [cos, sin, ...] from rotary
#   slot      [N] place of each token in the B x T grid, or empty when N = B T
#   chunk     rows of the head computed at once; keep: keep the [K, V] probabilities for backward, not with a cap
#   way       divergence from the reference (see diverge), of which href [K, D'] are the normed states and
#             wref [V, D'] the head, with logits held within refcap; 0 is none
# Returns ([logp [K], entropy [K], score [K, C], normed states [K, D], log-probabilities under the reference [K],
# divergence [K]], state for backward).
def forward(self: __torch__.M, ws: List[Tensor], train: List[bool], shape: List[int], real: List[float], s: float, tokens: Tensor, positions: Tensor, slot: Tensor, B: int, T: int, tables: List[Tensor], selected: Tensor, targets: Tensor, temperature: float, dt: int, chunk: int, keep: bool, recompute: bool, graph: bool, way: int, href: Tensor, wref: Tensor, refcap: float) -> Tuple[List[Tensor], List[Tensor]]:
  torch.set_grad_enabled(graph)
  L = shape[0]
  turns = __torch__.turn_factors(tables, positions)
  leaves = annotate(List[Tensor], [])
  for i in range(torch.len(ws)):
    leaf = torch.detach(ws[i])
    if graph:
      leaf = torch.requires_grad_(leaf, train[i])
    _0 = torch.append(leaves, leaf)
  none = torch.new_empty(ws[0], [0])
  inputs = annotate(List[Tensor], [])
  results = annotate(List[Tensor], [])
  inner = annotate(List[Tensor], [])
  x = __torch__.embed(ws, real, tokens, positions)
  for l in range(L):
    if graph:
      x_in = torch.requires_grad_(torch.detach(x))
      _1 = torch.append(inputs, x_in)
      if recompute:
        torch.set_grad_enabled(False)
        x = __torch__.block(torch.detach(x), ws, l, shape, real, s, turns, slot, B, T, dt)
        torch.set_grad_enabled(True)
        _2 = torch.append(results, none)
      else:
        if __torch__.by_hand(ws, l, shape):
          x = __torch__.attended(x_in, leaves, l, shape, real, s, turns, slot, B, T, dt)
          _3 = torch.append(results, x)
          torch.set_grad_enabled(False)
          parts = __torch__.fed_parts(torch.detach(x), ws, l, real, dt)
          torch.set_grad_enabled(True)
          x = parts[0]
          for j in range(1, 5):
            _17 = torch.append(inner, parts[j])
        else:
          x = __torch__.block(x_in, leaves, l, shape, real, s, turns, slot, B, T, dt)
          _18 = torch.append(results, x)
          for j in range(4):
            _19 = torch.append(inner, none)
    else:
      x = __torch__.block(x, ws, l, shape, real, s, turns, slot, B, T, dt)
  last = torch.detach(x)
  if graph:
    last = torch.requires_grad_(last)
  h = __torch__.norm(torch.index_select(last, 0, selected), leaves[-4], leaves[-5], shape[6], real[0], dt)
  torch.set_grad_enabled(False)
  hd = torch.detach(h)
  w = torch.detach(__torch__.head_of(ws))
  K = torch.size(hd, 0)
  V = torch.size(w, 0)
  logp = torch.new_empty(last, [K])
  entropy = torch.new_empty(last, [K])
  kept = none
  if keep:
    kept = torch.new_empty(w, [K, V])
  logq = none
  divergence = none
  slopes = none
  if torch.ne(way, 0):
    logq = torch.new_empty(last, [K])
    divergence = torch.new_empty(last, [K])
    if keep:
      slopes = torch.new_empty(w, [K, V])
  if __torch__.has(targets):
    for i in range(0, K, chunk):
      e = min(K, i + chunk)
      lp = __torch__.log_rows(__torch__.logits(torch.slice(hd, 0, i, e, 1), w, real[3]), temperature)
      t = torch.unsqueeze(torch.slice(targets, 0, i, e, 1), 1)
      _4 = torch.copy_(torch.slice(logp, 0, i, e, 1), torch.squeeze(torch.gather(lp, 1, t), 1))
      p = torch.exp(lp)
      if torch.ne(way, 0):
        lq = __torch__.log_rows(__torch__.logits(torch.slice(href, 0, i, e, 1), wref, refcap), temperature)
        d, slope = __torch__.diverge(lp, p, lq, way)
        _13 = torch.copy_(torch.slice(logq, 0, i, e, 1), torch.squeeze(torch.gather(lq, 1, t), 1))
        _14 = torch.copy_(torch.slice(divergence, 0, i, e, 1), d)
        if keep:
          _15 = torch.copy_(torch.slice(slopes, 0, i, e, 1), slope)
      _5 = torch.copy_(torch.slice(entropy, 0, i, e, 1), torch.neg(torch.sum(torch.mul_(lp, p), [-1])))
      if keep:
        _6 = torch.copy_(torch.slice(kept, 0, i, e, 1), __torch__.less_target(p, t))
  score = none
  if __torch__.has(ws[-2]):
    score = torch.to(__torch__.dense(hd, torch.detach(ws[-2]), torch.detach(ws[-1])), 6)
  state = annotate(List[Tensor], [])
  if graph:
    for i in range(torch.len(leaves)):
      _7 = torch.append(state, leaves[i])
    for l in range(L):
      _8 = torch.append(state, inputs[l])
    for l in range(L):
      _9 = torch.append(state, results[l])
    _10 = torch.append(state, last)
    _11 = torch.append(state, h)
    _12 = torch.append(state, kept)
    _16 = torch.append(state, slopes)
    for i in range(torch.len(inner)):
      _20 = torch.append(state, inner[i])
  return ([logp, entropy, score, hd, logq, divergence], state)

def accumulate(sums: List[Tensor], i: int, g: Optional[Tensor]) -> None:
  if g is not None:
    _0 = torch.add_(sums[i], g)
  return None

# Back-propagates d loss / d (logp, entropy, score, divergence) into the float32 sums of the trainable slots.
# The head is differentiated by hand so that the [K, V] logits never carry a graph:
#   d logp_k / d z = onehot - p        d entropy / d z = -p (log p + entropy)        divergence: see diverge
def backward(self: __torch__.M, sums: List[Tensor], train: List[bool], shape: List[int], real: List[float], s: float, state: List[Tensor], tokens: Tensor, positions: Tensor, slot: Tensor, B: int, T: int, tables: List[Tensor], selected: Tensor, targets: Tensor, temperature: float, dt: int, chunk: int, recompute: bool, way: int, href: Tensor, wref: Tensor, refcap: float, g_logp: Tensor, g_entropy: Tensor, g_score: Tensor, g_divergence: Tensor) -> None:
  torch.set_grad_enabled(False)
  L = shape[0]
  turns = __torch__.turn_factors(tables, positions)
  W = torch.len(sums)
  last = state[W + 2 * L]
  h = state[W + 2 * L + 1]
  kept = state[W + 2 * L + 2]
  slopes = state[W + 2 * L + 3]
  hd = torch.detach(h)
  leaves = torch.slice(state, 0, W, 1)
  w = torch.detach(__torch__.head_of(leaves))
  at = W - 3
  if torch.eq(torch.numel(leaves[-3]), 0):
    at = 0
  K = torch.size(hd, 0)
  gh = torch.zeros_like(hd)
  if __torch__.has(targets):
    # The factor of each row goes to the narrow side of both products.
    up = torch.div(torch.neg(torch.unsqueeze(g_logp, 1)), temperature)
    diverging = __torch__.has(g_divergence)
    ready = __torch__.has(kept) and torch.eq(torch.numel(g_entropy), 0)
    if ready and torch.__not__(diverging):
      gh = torch.to(torch.mul(torch.mm(kept, w), up), dt)
      if train[at]:
        _0 = torch.add_(sums[at], torch.mm(torch.t(kept), torch.to(torch.mul(hd, up), dt)))
    else:
      for i in range(0, K, chunk):
        e = min(K, i + chunk)
        hc = torch.slice(hd, 0, i, e, 1)
        uc = torch.slice(up, 0, i, e, 1)
        z = hc
        if ready:
          gz = torch.mul(torch.slice(kept, 0, i, e, 1), uc)
          slope = torch.slice(slopes, 0, i, e, 1)
        else:
          t = torch.unsqueeze(torch.slice(targets, 0, i, e, 1), 1)
          z = __torch__.logits(hc, w, real[3])
          lp = __torch__.log_rows(z, temperature)
          p = torch.exp(lp)
          slope = p
          if diverging:
            lq = __torch__.log_rows(__torch__.logits(torch.slice(href, 0, i, e, 1), wref, refcap), temperature)
            _8, slope = __torch__.diverge(lp, p, lq, way)
          if __torch__.has(g_entropy):
            ent = torch.neg(torch.sum(torch.mul(lp, p), [-1], True))
            ge = torch.div(torch.unsqueeze(torch.slice(g_entropy, 0, i, e, 1), 1), temperature)
            ez = torch.mul_(torch.mul_(torch.add_(lp, ent), p), ge)
            gz = torch.sub_(torch.mul_(__torch__.less_target(p, t), uc), ez)
          else:
            gz = torch.mul_(__torch__.less_target(p, t), uc)
        if diverging:
          gd = torch.div(torch.unsqueeze(torch.slice(g_divergence, 0, i, e, 1), 1), temperature)
          gz = torch.addcmul(gz, slope, gd)
        gz = torch.to(__torch__.release(gz, z, real[3]), dt)
        _1 = torch.copy_(torch.slice(gh, 0, i, e, 1), torch.mm(gz, w))
        if train[at]:
          _2 = torch.add_(sums[at], torch.mm(torch.t(gz), hc))
  if __torch__.has(g_score):
    gs = torch.to(g_score, dt)
    gh = torch.add(gh, torch.mm(gs, torch.detach(leaves[-2])))
    if train[-2]:
      _3 = torch.add_(sums[-2], torch.mm(torch.t(gs), hd))
    if train[-1]:
      _4 = torch.add_(sums[-1], torch.sum(gs, [0]))
  wanted = [last]
  for j in range(2):
    if train[-4 - j]:
      _5 = torch.append(wanted, leaves[-4 - j])
  gs2 = torch.grad([h], wanted, annotate(List[Optional[Tensor]], [gh]))
  gx = gs2[0]
  m = 1
  for j in range(2):
    if train[-4 - j]:
      __torch__.accumulate(sums, W - 4 - j, gs2[m])
      m = m + 1
  for r in range(L):
    l = L - 1 - r
    o = 1 + 30 * l
    x_in = state[W + l]
    hand = __torch__.by_hand(leaves, l, shape)
    parts = annotate(List[Tensor], [])
    if recompute:
      torch.set_grad_enabled(True)
      if hand:
        y = __torch__.attended(x_in, leaves, l, shape, real, s, turns, slot, B, T, dt)
      else:
        y = __torch__.block(x_in, leaves, l, shape, real, s, turns, slot, B, T, dt)
      torch.set_grad_enabled(False)
      if hand:
        parts = __torch__.fed_parts(torch.detach(y), leaves, l, real, dt)
    else:
      y = state[W + L + l]
      if hand:
        first = W + 2 * L + 4 + 4 * l
        parts = [y, state[first], state[first + 1], state[first + 2], state[first + 3]]
    if hand:
      if gx is not None:
        gx = __torch__.fed_backward(gx, torch.detach(y), parts, sums, train, leaves, l, dt)
    want = [x_in]
    for j in range(30):
      if train[o + j] and torch.__not__(hand and torch.ge(j, 7) and torch.le(j, 10)):
        _6 = torch.append(want, leaves[o + j])
    g = torch.grad([y], want, annotate(List[Optional[Tensor]], [gx]))
    gx = g[0]
    n = 1
    for j in range(30):
      if train[o + j] and torch.__not__(hand and torch.ge(j, 7) and torch.le(j, 10)):
        __torch__.accumulate(sums, o + j, g[n])
        n = n + 1
  if gx is not None:
    if train[-6]:
      _9 = torch.index_add_(sums[-6], 0, positions, gx)
    if train[0]:
      if torch.ne(real[4], 1.):
        gx = torch.mul(gx, real[4])
      _7 = torch.index_add_(sums[0], 0, tokens, gx)
  return None

# Gradient of a scalar computed outside with respect to detached copies of the program's outputs; zeros
# where the scalar does not depend on them.
def gradients(self: __torch__.M, loss: Tensor, inputs: List[Tensor]) -> List[Tensor]:
  out = annotate(List[Tensor], [])
  for i in range(torch.len(inputs)):
    _0 = torch.append(out, torch.zeros_like(torch.detach(inputs[i])))
  if ops.prim.requires_grad(loss):
    gs = torch.grad([loss], inputs, None, None, False, True)
    for i in range(torch.len(gs)):
      g = gs[i]
      if g is not None:
        _1 = torch.copy_(out[i], torch.detach(g))
  return out

# The norm of one array.
def norm(self: __torch__.M, x: Tensor) -> Tensor:
  torch.set_grad_enabled(False)
  return torch.linalg_vector_norm(x)

# Consecutive elements of an array, where they are.
def piece(self: __torch__.M, x: Tensor, start: int, length: int) -> Tensor:
  torch.set_grad_enabled(False)
  return torch.narrow(torch.view(x, [-1]), 0, start, length)

# Adds the sums of some shards to those of others.
def add(self: __torch__.M, sums: List[Tensor], more: List[Tensor]) -> None:
  torch.set_grad_enabled(False)
  torch._foreach_add_(sums, more)
  return None

# Scales the sums, which have this norm together with whatever is clipped with them, down to the highest norm.
def clip(self: __torch__.M, sums: List[Tensor], total: Tensor, max_norm: float) -> None:
  torch.set_grad_enabled(False)
  torch._foreach_mul_(sums, torch.clamp(torch.div(max_norm, torch.add(total, 1e-06)), None, 1.))
  return None

def clear(self: __torch__.M, sums: List[Tensor]) -> None:
  torch.set_grad_enabled(False)
  torch._foreach_zero_(sums)
  return None

# One AdamW step on the masters; clears the sums. (The lists must be arguments as they are: an in-place
# operator on a slice of a list is taken for dead code.)
def adamw(self: __torch__.M, masters: List[Tensor], sums: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], lr: float, beta1: float, beta2: float, epsilon: float, decay: float) -> None:
  torch.set_grad_enabled(False)
  torch._foreach_add_(steps, 1)
  torch._fused_adamw_(masters, sums, m, v, annotate(List[Tensor], []), steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)
  torch._foreach_zero_(sums)
  return None

# Copies values in place, each source onto the target at its index.
def assign(self: __torch__.M, targets: List[Tensor], sources: List[Tensor]) -> None:
  torch.set_grad_enabled(False)
  for i in range(torch.len(targets)):
    _0 = torch.copy_(targets[i], sources[i])
  return None

def copies(self: __torch__.M, ts: List[Tensor]) -> List[Tensor]:
  torch.set_grad_enabled(False)
  out = annotate(List[Tensor], [])
  for i in range(torch.len(ts)):
    _0 = torch.append(out, torch.clone(torch.detach(ts[i])))
  return out
