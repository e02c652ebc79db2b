package dev.troupe.actors.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code troupe completion}. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Writes a script that lets a shell complete commands and options.", ""},
    footerHeading = "%nExamples:%n",
    footer = {
      "  eval \"$(./troupe completion bash)\"            for this shell",
      "  ./troupe completion zsh > ~/.troupe-completion  and in ~/.zshrc: source ~/.troupe-completion"
    })
final class CompletionCommand implements Callable<Integer> {
  /** Shells whose completion is known. */
  enum Shell {
    BASH,
    ZSH
  }

  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  private Shell shell;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    var out = spec.commandLine().getOut();
    // The script is one for both; zsh needs its bash emulation first.
    if (shell == Shell.ZSH) {
      out.println("autoload -U +X compinit && compinit");
      out.println("autoload -U +X bashcompinit && bashcompinit");
    }
    out.println(AutoComplete.bash("troupe", spec.root().commandLine()));
    out.flush();
    return 0;
  }
}
