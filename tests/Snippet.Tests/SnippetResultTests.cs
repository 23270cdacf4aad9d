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

    // mov [rbx], rax over a page boundary; rep stosb over four pages; mov rcx, [rbx]; mov dl, [rbx+0x6fffffff]
    private const string FarCode = "488903 f3aa 488b0b 8a93ffffff6f";

    [TestCase("64", "0x500000000", "4G")]
    [TestCase("64", "0x500000000", "100T")]
    [TestCase("32", "0x80000000", "2000M")]
    public void Pages_of_a_large_mapping_are_there_when_they_are_touched(string mode, string at, string size)
    {
        ulong address = Convert.ToUInt64(at, 16);
        string r = mode == "64" ? "r" : "e";
        JsonElement result = Run(
            mode == "64" ? FarCode : FarCode.Replace("48", "", StringComparison.Ordinal), "--mode", mode, "--map", $"{at}:{size}",
            "--set", $"{r}ax=0x44332211,{r}bx={address + 0xffe},{r}di={address + 0x10_0800},{r}cx=0x3000,{r}dx=-1",
            "--show", $"{address + 0xffe}:4", "--show", $"{address + 0x10_07ff}:3", "--show", $"{address + 0x10_37ff}:2", "--show", $"{address + 0x3000_0000}:2");
        Assert.That(result.TryGetProperty("exception", out JsonElement exception) ? exception.ToString() : null, Is.Null);
        Assert.That(result.GetProperty("instructions").GetInt32(), Is.EqualTo(4));
        Assert.That(
            result.GetProperty("memory").EnumerateArray().Select(m => m.GetProperty("bytes").GetString()), Is.EqualTo((string[])["11223344", "001111", "1100", "0000"]));
        Assert.That(Register(result, "rdx"), Is.EqualTo(mode == "64" ? "0xffffffffffffff00" : "0xffffff00"));
    }

    [Test]
    public void A_large_mapping_costs_what_a_small_one_costs()
    {
        string[] set = ["--set", "rbx=0x500000ffe,rdi=0x500100800,rcx=0x3000"];
        JsonElement small = SnippetRun.Command(["488903 f3aa 488b0b", "--engine", engine, "--map", "0x500000000:16M", .. set]);
        JsonElement large = SnippetRun.Command(["488903 f3aa 488b0b", "--engine", engine, "--map", "0x500000000:16T", .. set]);
        Assert.That(large.ToString(), Is.EqualTo(small.ToString()));
    }

    [Test]
    public void A_large_mapping_has_rights_and_ends()
    {
        JsonElement fault = Run("c60301", "--set", "rbx=0x600000000", "--map", "0x500000000:8G:r").GetProperty("exception");
        Assert.That(fault.GetProperty("errorCode").GetString(), Is.EqualTo("0x3"));
        fault = Run("c60301", "--set", "rbx=0x700000000", "--map", "0x500000000:8G").GetProperty("exception");
        Assert.That(fault.GetProperty("errorCode").GetString(), Is.EqualTo("0x2"));
        Assert.That(fault.GetProperty("cr2").GetString(), Is.EqualTo("0x700000000"));
    }

    [Test]
    public void Touching_more_than_there_is_ends_the_run_and_says_so()
    {
        JsonElement result = SnippetRun.Command(
            "c60301 4881c300100000 ebf4", "--set", "rbx=0x500000000", "--map", "0x500000000:1T", "--max-instructions", "1000000", "--until", "0");
        Assert.That(result.GetProperty("exception").GetProperty("name").GetString(), Is.EqualTo("#PF"));
        Assert.That(result.GetProperty("unmodelled")[0].GetString(), Is.EqualTo("more than 512M of memory that is touched"));
    }

    [TestCase("c4e3f916c601", "64", null)] // vpextrq rsi, xmm0, 1
    [TestCase("c4e3f916c601", "32", "#UD")]
    [TestCase("c4e37916c601", "32", null)] // vpextrd esi, xmm0, 1
    [TestCase("c4e3f922c601", "32", "#UD")] // vpinsrq xmm0, xmm0, rsi, 1
    [TestCase("c4e37922c601", "32", null)]
    [TestCase("c4e1fb2dda", "32", null)] // vcvtsd2si ebx, xmm2: VEX.W makes no difference
    public void Quadword_elements_are_of_64_bit_code_only(string code, string mode, string? exception)
    {
        JsonElement result = Run(code, "--mode", mode);
        Assert.That(result.TryGetProperty("exception", out JsonElement e) ? e.GetProperty("name").GetString() : null, Is.EqualTo(exception));
    }

    [TestCase("0f580b", "0x1f80", "#GP")] // addps xmm1, [rbx]
    [TestCase("0f580b", "0x21f80", null)]
    [TestCase("0f280b", "0x21f80", "#GP")] // movaps xmm1, [rbx]
    [TestCase("0f290b", "0x21f80", "#GP")] // movaps [rbx], xmm1
    [TestCase("c5f8280b", "0x21f80", "#GP")] // vmovaps xmm1, [rbx]
    [TestCase("c5f0580b", "0x1f80", null)] // vaddps xmm1, xmm1, [rbx]
    public void Misaligned_operands_are_allowed_by_mxcsr_but_not_misaligned_moves(string code, string mxcsr, string? exception)
    {
        JsonElement result = Run(code, "--set", $"rbx=0x9004,mxcsr={mxcsr}", "--map", "0x9000:4096");
        Assert.That(result.TryGetProperty("exception", out JsonElement e) ? e.GetProperty("name").GetString() : null, Is.EqualTo(exception));
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

    // What the manual leaves undefined, as AMD family 19h processors leave it.
    [TestCase("c4e268f7c1", "rcx=0xffffffff,rdx=0x2000", "0x16", TestName = "BEXTR sets AF, clears SF and gives PF by the result")]
    [TestCase("c4e268f7c1", "rcx=0x37,rdx=0x800", "0x12", TestName = "BEXTR of an odd number of ones")]
    [TestCase("660facd012", "rax=0xffff", "0x846", TestName = "SHRD of a word by 18 leaves no carry")]
    [TestCase("660fa4d011", "rax=0xffff", "0x846", TestName = "SHLD of a word by 17 leaves no carry")]
    [TestCase("660facd010", "rax=0xffff", "0x847", TestName = "SHRD of a word by 16 carries its upper bit")]
    public void Flags_that_the_manual_leaves_undefined_are_those_of_silicon(string code, string set, string flags) =>
        Assert.That(Run(code, "--set", set).GetProperty("registers").GetProperty("rflags").GetString(), Is.EqualTo(flags));

    [Test]
    public void X87_tag_word_is_what_fnstenv_stores()
    {
        // fld1; fldz; fldln2; fchs; fnstenv [0x20000]
        JsonElement result = Run("d9e8d9eed9edd9e0d9342500000200", "--map", "0x20000:4096", "--show", "0x20008:2");
        Assert.That(result.GetProperty("x87").GetProperty("ftw").GetString(), Is.EqualTo("0x13ff")); // 1 in register 7, 0 in 6, -ln 2 in 5
        Assert.That(result.GetProperty("memory")[0].GetProperty("bytes").GetString(), Is.EqualTo("ff13"));
    }

    // An AMD family 19h processor stores CS and the operand's segment, SS for one on the stack, in 64-bit code too.
    [TestCase(64)]
    [TestCase(32)]
    public void X87_selectors_are_noted_in_every_mode(int mode)
    {
        // fld dword [esp-16]; fnstenv [0x20000]; fld1; fnstenv [0x20020]
        string hexadecimal = mode == 64 ? "d94424f0d9342500000200d9e8d9342520000200" : "d94424f0d93500000200d9e8d93520000200";
        JsonElement memory = Run(hexadecimal, "--mode", $"{mode}", "--map", "0x20000:4096", "--show", "0x20010:12", "--show", "0x20030:12").GetProperty("memory");
        for (int n = 0; n < 2; n++)
        {
            string bytes = memory[n].GetProperty("bytes").GetString()!;
            Assert.That((bytes[..4], bytes[16..20]), Is.EqualTo(("0800", "1000")), $"environment {n}");
        }
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
