namespace CoSim.Cli.Tests;

/// <summary>Mistakes give one line and exit status 2.</summary>
[TestFixture]
public sealed class SnippetArgumentTests
{
    [TestCase("", "there is no code")]
    [TestCase("4801d", "one is left over")]
    [TestCase("48 zz", "'z' is not a hexadecimal digit")]
    [TestCase("90 --binary x", "one source only")]
    [TestCase("90 --set rxx=1", "no such register 'rxx'")]
    [TestCase("90 --set rax", "REGISTER=VALUE")]
    [TestCase("90 --set rax=0x10000000000000000", "64 bits")]
    [TestCase("90 --set eax=-2147483649", "32 bits")]
    [TestCase("90 --set rax=1 --set rax=2", "set already")]
    [TestCase("90 --set xmm1=1,ymm1=2", "set already")]
    [TestCase("90 --set st0=1,mm1=2", "share their places")]
    [TestCase("90 --set st0=1.2.3", "80 bits")]
    [TestCase("90 --set r8=1 --mode 32", "64-bit mode only")]
    [TestCase("90 --set ymm1=1 --mode 16", "no AVX")]
    [TestCase("90 --set mxcsr=0xffffffff", "reserved bits")]
    [TestCase("90 --set cr0=0x11", "PE and PG")]
    [TestCase("90 --mode 31", "16, 32 or 64")]
    [TestCase("90 --mode 16 --user", "privilege levels")]
    [TestCase("90 --at -1", "--at '-1'")]
    [TestCase("90 --at 0x800000000000", "canonical")]
    [TestCase("90 --at 0x110000 --mode 16", "addresses of this mode end")]
    [TestCase("90 --until here", "--until 'here'")]
    [TestCase("90 --map 0x9000", "ADDRESS:SIZE")]
    [TestCase("90 --map 0x9000:0", "not a size")]
    [TestCase("90 --map 0x9000:4096:wx", "rights are r")]
    [TestCase("90 --map 0x9000:1:hex=0102", "do not fit")]
    [TestCase("90 --map 0x9000:4096:hex=0", "one is left over")]
    [TestCase("90 --map 0x9000:4096:/no/such/file", "/no/such/file: no such file")]
    [TestCase("90 --map 0x9000:4096 --map 0x9fff:2", "overlaps '0x9000:4096'")]
    [TestCase("90 --map 0x9000:16 --map 0x9020:16", "share a page")]
    [TestCase("90 --map 0x7fff1000:16", "overlaps the stack")]
    [TestCase("90 --map 0x10010:16", "overlaps the code")]
    [TestCase("90 --map 0x9000:64M --map 0x5000000:64M --map 0xa000000:64M --map 0xf000000:64M --map 0x14000000:1M", "more than 256M are mapped together")]
    [TestCase("90 --map 0x9000:1P", "K, M, G and T may follow")]
    [TestCase("90 --map 0xffffffffffffffff:2", "beyond the last address")]
    [TestCase("90 --show 0x9000", "ADDRESS:SIZE")]
    [TestCase("90 --iterations 0", "--iterations '0'")]
    [TestCase("90 --max-instructions many", "--max-instructions 'many'")]
    [TestCase("90 --unroll 1001", "1 to 1000")]
    [TestCase("90 --timeline 0", "1 to 100")]
    [TestCase("90 --engine fast", "'functional' or 'detailed'")]
    [TestCase("90 --cold --warm", "excludes")]
    [TestCase("90 --model 8490H", "no such EPYC")]
    [TestCase("--elf /no/such/file --symbol f", "/no/such/file: no such file")]
    [TestCase("--binary /no/such/file", "/no/such/file: no such file")]
    [TestCase("--symbol f", "there is no code")]
    [TestCase("90 --symbol f", "needs an ELF file")]
    [TestCase("90 --file x", "bring their own code")]
    [TestCase("--file /no/such/file", "/no/such/file: no such file")]
    [TestCase("--asm nop --assembler masm", "'as' or 'nasm'")]
    [TestCase("90 --bogus", "--bogus")]
    public void Mistakes(string arguments, string mention) =>
        CommandLine.Run(["snippet", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).AssertUserError(mention);

    [TestCase("{\"code\":\"90\",\"cod\":1}", "line 2: cod: no such member")]
    [TestCase("{\"code\":90}", "line 2: code: must be a string")]
    [TestCase("{\"code\":\"9\"}", "line 2: code '9'")]
    [TestCase("{\"code\":\"90\"", "line 2: JSON: not valid")]
    [TestCase("[1]", "line 2")]
    [TestCase("{\"code\":\"90\",\"code\":\"91\"}", "line 2: code: is given twice")]
    [TestCase("{\"code\":\"90\",\"maxInstructions\":-1}", "line 2: maxInstructions '-1'")]
    [TestCase("{\"code\":\"90\",\"set\":{\"rax\":true}}", "line 2: set: must be a number")]
    [TestCase("{\"code\":\"90\",\"map\":[1]}", "line 2: map: must be an array of strings")]
    [TestCase("{\"code\":\"90\",\"user\":1}", "line 2: user: must be true or false")]
    public void Mistakes_in_a_file_name_their_line(string line, string mention)
    {
        using TemporaryDirectory directory = new();
        string file = directory.Write("snippets.jsonl", System.Text.Encoding.UTF8.GetBytes("{\"code\":\"90\"}\n" + line + "\n"));
        CommandLine.Run("snippet", "--file", file, "--json", directory.File("out")).AssertUserError(file, mention);
        Assert.That(directory.Names, Is.EqualTo((string[])["snippets.jsonl"]), "nothing half-written");
    }

    [Test]
    public void An_empty_file_has_no_snippets()
    {
        using TemporaryDirectory directory = new();
        CommandLine.Run("snippet", "--file", directory.Write("s", "# nothing\n\n"u8)).AssertUserError("no snippets");
    }

    [TestCase("90", 0)]
    [TestCase("f4", 0)]
    [TestCase("0f0b", 3)]
    [TestCase("cc", 3)]
    [TestCase("ebfe --max-instructions 9", 4)]
    public void Exit_status_tells_how_it_ended(string arguments, int status) => Assert.That(CommandLine.Run(["snippet", .. arguments.Split(' ')]).Status, Is.EqualTo(status));

    [Test]
    public void Help_has_examples()
    {
        CommandLine.Result result = CommandLine.Run("snippet", "--help");
        Assert.That(result.Status, Is.Zero);
        Assert.That(result.Output, Does.Contain("Examples:").And.Contain("--timeline"));
    }
}
