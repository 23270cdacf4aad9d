using System.Text.Json;

namespace CoSim.Cli.Tests;

/// <summary>What code does, as the command reports it, on either engine.</summary>
[TestFixture("functional")]
[TestFixture("detailed")]
public sealed class SnippetResultTests(string engine)
{
    private JsonElement Run(params string[] arguments) => SnippetRun.Command([.. arguments, "--engine", engine, "--no-loop"]);

    private static string? Register(JsonElement result, string name) => result.GetProperty("registers").GetProperty(name).GetString();

    [Test]
    public void An_addition_changes_a_register_and_flags()
    {
        JsonElement result = Run("4801d8", "--set", "rax=1,rbx=2");
        Assert.That(Register(result, "rax"), Is.EqualTo("0x3"));
        Assert.That(Register(result, "rip"), Is.EqualTo("0x10003"));
        Assert.That(result.GetProperty("registers").TryGetProperty("rbx", out _), Is.False, "did not change");
        Assert.That(result.GetProperty("flags").EnumerateArray().Select(f => f.GetString()), Is.EqualTo((string[])["pf"]));
        Assert.That(result.GetProperty("instructions").GetInt32(), Is.EqualTo(1));
        Assert.That(result.GetProperty("end").GetString(), Is.EqualTo("end"));
    }

    // add word [0x8000], 1: the address is 16 bits wide in 16-bit mode, 32 bits in 32-bit mode.
    [TestCase("16", "8306008001", "0x8000:4096", "0x8000:2")]
    [TestCase("32", "66830500800000 01", "0x8000:4096", "0x8000:2")]
    [TestCase("64", "6683042500800000 01", "0x8000:4096:rw", "0x8000:2")]
    public void Memory_is_mapped_and_shown_in_every_mode(string mode, string code, string map, string show)
    {
        JsonElement result = Run(code, "--mode", mode, "--map", map + ":hex=ff00", "--show", show);
        Assert.That(result.GetProperty("memory")[0].GetProperty("bytes").GetString(), Is.EqualTo("0001"));
    }

    [TestCase("488b03", "", "#PF", "0x0", "0x9000")] // mov rax, [rbx]: nothing is mapped
    [TestCase("488903", "0x9000:4096:r", "#PF", "0x3", "0x9000")] // a read-only page
    [TestCase("ffe3", "0x9000:4096:rw", "#PF", "0x11", "0x9000")] // a page without execution
    [TestCase("0f0b", "", "#UD", null, null)]
    [TestCase("f7f1", "", "#DE", null, null)]
    public void An_exception_is_the_result(string code, string map, string name, string? error, string? address)
    {
        string[] arguments = [code, "--set", "rbx=0x9000", .. map.Length == 0 ? Array.Empty<string>() : ["--map", map]];
        JsonElement exception = Run(arguments).GetProperty("exception");
        Assert.That(exception.GetProperty("name").GetString(), Is.EqualTo(name));
        Assert.That(exception.TryGetProperty("errorCode", out JsonElement code2) ? code2.GetString() : null, Is.EqualTo(error));
        Assert.That(exception.TryGetProperty("cr2", out JsonElement cr2) ? cr2.GetString() : null, Is.EqualTo(address));
    }

    [Test]
    public void User_mode_may_not_halt_nor_touch_supervisor_pages()
    {
        Assert.That(Run("f4", "--user").GetProperty("exception").GetProperty("name").GetString(), Is.EqualTo("#GP"));
        JsonElement fault = Run("488b03", "--user", "--set", "rbx=0x9000", "--map", "0x9000:4096:rs").GetProperty("exception");
        Assert.That(fault.GetProperty("errorCode").GetString(), Is.EqualTo("0x5"));
    }

    [Test]
    public void Software_interrupts_end_with_their_return_address()
    {
        JsonElement result = Run("cd80");
        Assert.That(result.GetProperty("end").GetString(), Is.EqualTo("interrupt"));
        Assert.That(result.GetProperty("exception").GetProperty("vector").GetInt32(), Is.EqualTo(0x80));
        Assert.That(result.GetProperty("exception").GetProperty("rip").GetString(), Is.EqualTo("0x10002"));
    }

    [TestCase("f4", "hlt")]
    [TestCase("ebfe", "limit")]
    [TestCase("90", "end")]
    public void Every_end_has_a_name(string code, string end) => Assert.That(Run(code, "--max-instructions", "100").GetProperty("end").GetString(), Is.EqualTo(end));

    [Test]
    public void It_stops_before_the_address_of_the_user()
    {
        JsonElement result = Run("ffc0 ffc0 ffc0", "--until", "0x10004");
        Assert.That(Register(result, "rax"), Is.EqualTo("0x2"));
        Assert.That(result.GetProperty("end").GetString(), Is.EqualTo("until"));
    }

    [Test]
    public void Iterations_go_from_the_start_to_the_end()
    {
        JsonElement result = Run("ffc0 ffc3", "--iterations", "7");
        Assert.That(Register(result, "rax"), Is.EqualTo("0x7"));
        Assert.That(result.GetProperty("iterations").GetInt32(), Is.EqualTo(7));
        Assert.That(result.GetProperty("instructions").GetInt32(), Is.EqualTo(14));
    }

    [Test]
    public void A_function_ends_where_it_returns_to()
    {
        JsonElement result = Run("486bc71f c3", "--set", "rdi=3", "--until", "0"); // imul rax, rdi, 31; ret
        Assert.That(Register(result, "rax"), Is.EqualTo("0x5d"));
        Assert.That(result.GetProperty("end").GetString(), Is.EqualTo("until"));
    }

    [Test]
    public void Vector_values_are_exact()
    {
        // vaddps ymm0, ymm0, ymm1
        JsonElement result = Run("c5fc58c1", "--set", "ymm0=0x3f800000" + new string('0', 56) + ",ymm1=0x40000000" + new string('0', 55) + "1");
        Assert.That(result.GetProperty("vectors").GetProperty("ymm0").GetString(), Is.EqualTo("0x40400000" + new string('0', 55) + "1"));
    }

    [Test]
    public void X87_values_come_as_bits_and_in_decimal()
    {
        JsonElement result = Run("dec1", "--set", "st0=2.5,st1=0.125"); // faddp
        JsonElement top = result.GetProperty("x87").GetProperty("st").GetProperty("0");
        Assert.That(top.GetProperty("bits").GetString(), Is.EqualTo("0x4000a800000000000000"));
        Assert.That(top.GetProperty("value").GetString(), Is.EqualTo("2.625"));
    }

    [Test]
    public void Mmx_registers_can_be_set() =>
        Assert.That(Run("0ffec1", "--set", "mm0=0x100000001,mm1=0x200000002").GetProperty("x87").GetProperty("mm").GetProperty("0").GetString(), Is.EqualTo("0x300000003"));

    [Test]
    public void Segments_load_from_the_descriptor_table()
    {
        // mov ax, 10h; mov es, ax
        JsonElement result = Run("66b81000 8ec0", "--mode", "32", "--all");
        Assert.That(result.GetProperty("segments").GetProperty("es").GetProperty("limit").GetString(), Is.EqualTo("0xffffffff"));
    }

    [Test]
    public void Bases_of_segments_can_be_set() =>
        Assert.That(Register(Run("65488b042500000000", "--set", "gs.base=0x9000", "--map", "0x9000:16:hex=2a"), "rax"), Is.EqualTo("0x2a"));

    [Test]
    public void Real_mode_has_segments_of_its_own()
    {
        // mov ax, cs; mov [0x10], ax: the data segment is the user's
        JsonElement result = Run("8cc8 a31000", "--mode", "16", "--at", "0x20010", "--set", "ds=0x300", "--show", "0x3010:2");
        Assert.That(result.GetProperty("memory")[0].GetProperty("bytes").GetString(), Is.EqualTo("0020"));
    }
}
