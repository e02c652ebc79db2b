package dev.troupe.runtime.program;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calling tensor programs: what goes in, what comes out, what is refused. */
class TensorProgramTest {
  private static final String SOURCE =
      """
      # A function and methods that take one argument of every kind.
      def twice(x: Tensor) -> Tensor:
        return torch.mul(x, 2)

      def mix(self: __torch__.M, x: Tensor, xs: List[Tensor], i: int, l: int, d: float, b: bool, \
      ns: List[int], ds: List[float], bs: List[bool]) -> Tuple[Tensor, List[Tensor]]:
        y = torch.add(__torch__.twice(x), i + l + ns[1])
        if b:
          if bs[0]:
            y = torch.mul(y, d * ds[0])
        return (y, [xs[1], xs[0]])

      def fail(self: __torch__.M, x: Tensor) -> Tensor:
        return torch.matmul(x, x)
      """;

  private static NDManager manager;
  private static TensorProgram program;

  @BeforeAll
  static void compile() {
    manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    program = TensorProgram.compile(Device.cpu(), SOURCE);
  }

  @AfterAll
  static void close() {
    program.close();
    manager.close();
  }

  @Test
  void passesEveryKindOfArgumentAndReturnsTuples() {
    NDArray x = manager.create(new float[] {1, 2});
    NDArray[] list = {manager.create(3f), manager.create(4f)};
    ProgramValue[] values =
        program
            .call(
                "mix",
                x,
                list,
                10,
                20L,
                0.5,
                true,
                new int[] {0, 70},
                new double[] {4, 0},
                new boolean[] {true})
            .tuple();
    // (2 x + 10 + 20 + 70) * 0.5 * 4
    assertArrayEquals(new float[] {204, 208}, values[0].tensor(manager).toFloatArray());
    NDArray[] swapped = values[1].tensors(manager);
    assertEquals(2, swapped.length);
    assertEquals(4f, swapped[0].getFloat());
    assertEquals(3f, swapped[1].getFloat());
  }

  @Test
  void aSourceThatDoesNotCompileIsReportedWithItsLine() {
    String source =
        """
        def broken(self: __torch__.M, x: Tensor) -> Tensor:
          y = torch.add(x, 1)
          return torch.no_such_operator(y)
        """;
    var error =
        assertThrows(
            IllegalStateException.class, () -> TensorProgram.compile(Device.cpu(), source));
    String message = error.getMessage();
    assertTrue(message.startsWith("a tensor program does not load: "), message);
    // four lines of class head and two of the method stand before it in the module
    assertTrue(message.contains("line 7"), message);
    assertTrue(message.contains("torch.no_such_operator(y)"), message);
  }

  @Test
  void anUnknownMethodIsNamed() {
    var error = assertThrows(EngineException.class, () -> program.call("sample"));
    assertTrue(error.getMessage().contains("sample"), error.getMessage());
  }

  @Test
  void aFailureInsideNamesTheOperatorAndTheProgramGoesOn() {
    NDArray wrong = manager.ones(new Shape(2, 3));
    var error = assertThrows(EngineException.class, () -> program.call("fail", wrong));
    assertTrue(error.getMessage().contains("torch.matmul(x, x)"), error.getMessage());
    NDArray right = manager.ones(new Shape(2, 2));
    assertEquals(2f, program.call("fail", right).tensor(manager).getFloat(0, 0));
  }

  @Test
  void refusesArgumentsThatNoProgramTakes() {
    String allowed =
        "; allowed are PtNDArray, NDArray[], Integer, Long, Double, Boolean, int[], double[],"
            + " boolean[]";
    for (Object argument : new Object[] {1f, "text", new float[1], List.of(1)}) {
      var error =
          assertThrows(IllegalArgumentException.class, () -> program.call("fail", argument));
      assertEquals(
          "a tensor program takes no argument of type "
              + argument.getClass().getSimpleName()
              + allowed,
          error.getMessage());
    }
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> program.call("fail", new Object[] {null}));
    assertEquals("a tensor program takes no argument of type null" + allowed, error.getMessage());
  }

  @Test
  void aMissingSourceIsNamed() {
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> TensorProgram.load(Device.cpu(), List.of("absent.py")));
    assertEquals("no tensor program source named absent.py", error.getMessage());
  }
}
