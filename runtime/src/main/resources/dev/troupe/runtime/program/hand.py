# Blocks of the usual kind differentiated by hand, which takes fewer operators than autograd and adds the gradients of
# matrices where their sums are. ws, shape, real, turns and slot are as in decoder.py, sums and train as in train.py.

def accumulate(sums: List[Tensor], i: int, g: Optional[Tensor]) -> None:
  if g is not None:
    _0 = torch.add_(sums[i], g)
  return None

# How much of block l is differentiated by hand, which takes fewer operators than autograd: 0 nothing, 1 the
# feed-forward, 2 all but what the heads do. It needs RMSNorm with a plain gain, SiLU with a gate, and no biases,
# adapters and norms behind.
def by_hand(ws: List[Tensor], l: int, shape: List[int]) -> int:
  hand = 0
  if torch.eq(shape[6], 0) and torch.eq(shape[7], 0):
    hand = 2
  for j in [2, 6, 12, 13, 14, 15, 16, 17, 18, 19, 28]:
    if __torch__.has(ws[1 + 30 * l + j]):
      hand = min(hand, 1)
  for j in [9, 11, 20, 21, 22, 23, 24, 25, 29]:
    if __torch__.has(ws[1 + 30 * l + j]):
      hand = 0
  return hand

# Whether slot j of a block belongs to a feed-forward that is differentiated by hand.
def is_by_hand(j: int, hand: int) -> bool:
  return torch.ge(hand, 1) and torch.ge(j, 7) and torch.le(j, 10)

# The norm of x [N, D] operator by operator as norm does it: its factor r [N, 1] and the normed states.
def normed_parts(x: Tensor, gain: Tensor, real: List[float], dt: int) -> Tuple[Tensor, Tensor]:
  n = torch.linalg_vector_norm(x, 2, [-1], True)
  r = torch.rsqrt(torch.add(torch.mul(torch.mul(n, n), torch.div(1., torch.size(x, -1))), real[0]))
  return (r, torch.mul(torch.to(torch.mul(x, r), dt), gain))

# Adds g^T x to a float32 sum, in one operator where the types agree.
def add_outer(total: Tensor, g: Tensor, x: Tensor) -> None:
  if torch.eq(ops.prim.dtype(g), 6):
    _0 = torch.addmm_(total, torch.t(g), x)
  else:
    _1 = torch.add_(total, torch.mm(torch.t(g), x))
  return None

# g and the gradient by x of its norm, from that by the normed states gh; slot i has the gain, whose gradient is added:
#   x r: r g - x (r^3 / D) sum(x g)
def norm_backward(g: Tensor, gh: Tensor, x: Tensor, r: Tensor, sums: List[Tensor], train: List[bool], ws: List[Tensor], i: int, dt: int) -> Tensor:
  if train[i]:
    _0 = torch.add_(sums[i], torch.sum(torch.mul(gh, torch.to(torch.mul(x, r), dt)), [0]))
  gn = torch.to(torch.mul(gh, ws[i]), 6)
  along = torch.mul(torch.sum(torch.mul(gn, x), [-1], True), torch.mul(torch.pow(r, 3), torch.div(-1., torch.size(x, -1))))
  return torch.addcmul_(torch.addcmul(g, gn, r), x, along)

# The first half of block l on x [N, D]: [what the heads give, with a graph down to the third; what leaves it, their
# queries, keys and values, the norm's factor, the normed states]. Gradients are off afterwards.
def attended_parts(x: Tensor, ws: List[Tensor], l: int, shape: List[int], real: List[float], turns: List[Tensor], slot: Tensor, B: int, T: int, dt: int) -> List[Tensor]:
  o = 1 + 30 * l
  torch.set_grad_enabled(False)
  r, h = __torch__.normed_parts(x, ws[o], real, dt)
  qkv = torch.requires_grad_(torch.linear(h, ws[o + 1]))
  torch.set_grad_enabled(True)
  a = __torch__.mixed(qkv, ws, l, shape, real, turns, slot, B, T, dt)
  torch.set_grad_enabled(False)
  return [a, torch.add(x, torch.linear(torch.detach(a), ws[o + 5])), qkv, r, h]

# The gradient by x of attended_parts, from that by what left it; adds those by its weights.
def attended_backward(g: Tensor, x: Tensor, parts: List[Tensor], sums: List[Tensor], train: List[bool], ws: List[Tensor], l: int, dt: int) -> Tensor:
  o = 1 + 30 * l
  gy = torch.to(g, dt)
  if train[o + 5]:
    __torch__.add_outer(sums[o + 5], gy, torch.detach(parts[0]))
  want = [parts[2]]
  for j in [3, 4]:
    if train[o + j]:
      _0 = torch.append(want, ws[o + j])
  gs = torch.grad([parts[0]], want, annotate(List[Optional[Tensor]], [torch.mm(gy, ws[o + 5])]))
  n = 1
  for j in [3, 4]:
    if train[o + j]:
      __torch__.accumulate(sums, o + j, gs[n])
      n = n + 1
  gx = g
  gq = gs[0]
  if gq is not None:
    if train[o + 1]:
      __torch__.add_outer(sums[o + 1], gq, parts[4])
    gx = __torch__.norm_backward(g, torch.mm(gq, ws[o + 1]), x, parts[3], sums, train, ws, o, dt)
  return gx

# The second half on x [N, D], operator by operator what fed does: [what leaves it, the norm's factor, the normed states,
# both halves of the first projection, the inner values].
def fed_parts(x: Tensor, ws: List[Tensor], l: int, real: List[float], dt: int) -> List[Tensor]:
  o = 1 + 30 * l
  r, h = __torch__.normed_parts(x, ws[o + 7], real, dt)
  gu = torch.linear(h, ws[o + 8])
  halves = torch.chunk(gu, 2, -1)
  f = torch.mul(torch.silu(halves[0]), halves[1])
  return [torch.add(x, torch.linear(f, ws[o + 10])), r, h, gu, f]

# The gradient by x of fed_parts, from that by what left it; adds those by its weights:
#   silu(a) b: by a, silu'(a) b; by b, silu(a)
def fed_backward(g: Tensor, x: Tensor, parts: List[Tensor], sums: List[Tensor], train: List[bool], ws: List[Tensor], l: int, dt: int) -> Tensor:
  o = 1 + 30 * l
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
  return __torch__.norm_backward(g, torch.mm(ggu, ws[o + 8]), x, parts[1], sums, train, ws, o + 7, dt)
