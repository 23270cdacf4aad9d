using System.CommandLine;
using CoSim.Cli.Options;
using CoSim.Cli.Snippets;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim snippet`: runs a piece of machine code on a bare core, and measures it on the detailed engine.</summary>
internal static class SnippetCommand
{
    private const string Description =
        "Run a piece of machine code on one bare core: final registers, or the exception; with --engine detailed its cycles, pipes, causes and timeline. "
        + "Exit status: 0 the code ended by itself or as --expect says, 1 when something was not as expected, 3 by an exception, 4 at the limit of instructions, 2 for a mistake.";

    private static readonly string[] s_examples =
    [
        "cosim snippet 4801d8 --set rax=1,rbx=2                                 add rax, rbx",
        "cosim snippet --asm 'imul rax, rbx; add rax, 1' --engine detailed      cycles per iteration, pipes, causes",
        "cosim snippet --asm 'mov rax, [rbx]' --set rbx=0x9000 --map 0x9000:4096:hex=2a",
        "cosim snippet 0fa2 --mode 32 --all --json -                            CPUID in 32-bit mode, as JSON",
        "cosim snippet --elf program --symbol hash --set rdi=0x9000 --map 0x9000:1M:data.bin --until 0      a function; it returns to 0",
        "cosim snippet --asm 'vfmadd213ps ymm0, ymm1, ymm2' --engine detailed --timeline 3",
        "cosim snippet 48f7f1 --set rax=7,rdx=9,rcx=5 --expect end=#DE          a test: exit status 1 when it is not so",
        "cosim snippet --file snippets.jsonl --json results.jsonl               many, one JSON object a line",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        ExampleCommand command = new("snippet", Description, s_examples);
        SnippetOptions options = new();
        options.AddTo(command);
        command.SetAction(parsed => Execute(options.Read(parsed), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Execute(SnippetChoice choice, TextWriter output)
    {
        if (choice.Json is "")
            throw SnippetPlace.CommandLine.Wrong("json", "", "not a name of a file");
        bool toFile = choice.Json is not (null or "-");
        if (choice.File is { } file)
        {
            IReadOnlyList<SnippetRequest> requests = SnippetFile.Read(file, choice.Words);
            bool met = true;
            if (toFile)
                WholeFile.Write(choice.Json!, stream => met = RunAll(choice.Model, requests, stream));
            else
                met = RunAll(choice.Model, requests, new TextStream(output));
            return met ? 0 : SnippetResult.UnmetStatus;
        }
        SnippetRequest request = SnippetReader.Read(choice.Words, SnippetPlace.CommandLine);
        if (toFile)
            WholeFile.CheckWritable(choice.Json!);
        using SnippetRunner runner = new(choice.Model);
        SnippetResult result = runner.Run(request);
        if (toFile)
            WholeFile.Write(choice.Json!, stream => SnippetJson.Write(stream, result, indented: true));
        if (choice.Json == "-")
            SnippetJson.Write(new TextStream(output), result, indented: true);
        else
            SnippetText.Write(result, Screen.For(output));
        return result.Status;
    }

    // Whether every expectation held.
    private static bool RunAll(EpycModel model, IReadOnlyList<SnippetRequest> requests, Stream stream)
    {
        using SnippetRunner runner = new(model);
        bool met = true;
        foreach (SnippetRequest request in requests)
        {
            SnippetResult result = runner.Run(request);
            met &= result.Unmet.Count == 0;
            SnippetJson.Write(stream, result, indented: false);
        }
        return met;
    }
}
