using System.Diagnostics;
using System.Text.Json;

namespace CoSim.Cli.Tests;

/// <summary>Code from files and assemblers; many snippets from one file.</summary>
[TestFixture]
public sealed class SnippetSourceTests
{
    private static bool IsInstalled(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => d.Length > 0 && File.Exists(Path.Combine(d, tool)));

    private static void Need(params string[] tools)
    {
        foreach (string tool in tools.Where(t => !IsInstalled(t)))
            Assert.Ignore($"{tool} is not installed");
    }

    [Test]
    public void A_flat_binary_is_code()
    {
        using TemporaryDirectory directory = new();
        JsonElement result = SnippetRun.Command("--binary", directory.Write("code.bin", [0xFF, 0xC0]));
        Assert.That(result.GetProperty("registers").GetProperty("rax").GetString(), Is.EqualTo("0x1"));
    }

    [TestCase("as")]
    [TestCase("nasm")]
    [Category("NeedsTools")]
    public void Assembly_text_is_assembled_for_its_mode(string assembler)
    {
        Need(assembler, assembler == "as" ? "ld" : "nasm");
        foreach (string mode in (string[])["16", "32", "64"])
        {
            JsonElement result = SnippetRun.Command("--asm", "mov eax, 3; again: add ebx, eax; dec eax; jnz again", "--assembler", assembler, "--mode", mode);
            Assert.That(result.GetProperty("registers").GetProperty("rbx").GetString(), Is.EqualTo("0x6"), mode);
        }
    }

    [Test]
    [Category("NeedsTools")]
    public void A_mistake_in_assembly_text_names_its_line()
    {
        Need("as", "ld");
        CommandLine.Run("snippet", "--asm", "nop; bogus rax").AssertUserError("line 2", "bogus");
    }

    [Test]
    [Category("NeedsTools")]
    public void A_function_of_an_ELF_file_runs_where_it_was_linked()
    {
        Need("as", "ld");
        using TemporaryDirectory directory = new();
        string source = directory.Write("f.s", ".globl hash\n.type hash,@function\nhash: imul $31,%rdi,%rax\n ret\n.size hash,.-hash\n"u8);
        Tool("as", "-o", directory.File("f.o"), source);
        Tool("ld", "-e", "hash", "-Ttext=0x401000", "-o", directory.File("f"), directory.File("f.o"));
        JsonElement result = SnippetRun.Command("--elf", directory.File("f"), "--symbol", "hash", "--set", "rdi=3", "--until", "0");
        Assert.That(result.GetProperty("registers").GetProperty("rax").GetString(), Is.EqualTo("0x5d"));
        Assert.That(result.GetProperty("name").GetString(), Is.EqualTo("hash"));
        CommandLine.Run("snippet", "--elf", directory.File("f"), "--symbol", "nope").AssertUserError("no such symbol");
        CommandLine.Run("snippet", "--elf", directory.File("f.o"), "--symbol", "hash").AssertUserError("link it first");
        CommandLine.Run("snippet", "--elf", source, "--symbol", "hash").AssertUserError("ELF");
    }

    [Test]
    public void A_file_gives_a_line_for_each_snippet()
    {
        using TemporaryDirectory directory = new();
        string lines = "# two kinds\n" + string.Concat(Enumerable.Range(0, 5000).Select(n => $"{{\"name\":\"{n}\",\"code\":\"4801d8\",\"set\":{{\"rax\":{n},\"rbx\":\"0x10\"}}}}\n\n"));
        string file = directory.Write("snippets.jsonl", System.Text.Encoding.UTF8.GetBytes(lines));
        CommandLine.Result toFile = CommandLine.Run("snippet", "--file", file, "--json", directory.File("results.jsonl"), "--set", "rcx=7");
        CommandLine.Result toOutput = CommandLine.Run("snippet", "--file", file, "--set", "rcx=7");
        Assert.That((toFile.Status, toFile.Error, toFile.Output), Is.EqualTo((0, "", "")));
        Assert.That(toOutput.Output, Is.EqualTo(File.ReadAllText(directory.File("results.jsonl"))), "the same bytes");
        string[] results = toOutput.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(results, Has.Length.EqualTo(5000));
        for (int n = 0; n < results.Length; n += 499)
        {
            using JsonDocument document = JsonDocument.Parse(results[n]);
            Assert.That(document.RootElement.GetProperty("name").GetString(), Is.EqualTo($"{n}"));
            Assert.That(document.RootElement.GetProperty("registers").GetProperty("rax").GetString(), Is.EqualTo($"0x{n + 16:x}"));
        }
    }

    private static void Tool(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, program);
    }
}
