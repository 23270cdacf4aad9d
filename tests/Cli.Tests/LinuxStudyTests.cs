using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CoSim.Guest.Symbols;
using CoSim.Guest.Symbols.Linux;
using CoSim.Os.Loader;

namespace CoSim.Cli.Tests;

/// <summary>Debian's kernel, unmodified: the study on it, its symbols, and places of a run by their names.</summary>
[TestFixture]
[Category("NeedsLinuxKernel")]
public sealed class LinuxStudyTests
{
    private const int Calls = 3;

    private static string s_kernel = "";

    [OneTimeSetUp]
    public static void FindKernel() => s_kernel = LinuxImage.Require();

    [Test]
    public void StudyMeasuresEveryPathAndAttributesEveryCycle()
    {
        using TemporaryDirectory directory = new();
        CommandLine.Result result = CosimProcess.Run(
            "", "study", "clock-gettime", "--os", "linux", "--kernel", s_kernel, "--append", "cryptomgr.notests", "--calls", $"{Calls}", "--clocks", "monotonic", "--compare", "--json", directory.File("report.json"));
        Assert.That(result.Status, Is.Zero, result.Error);
        JsonElement report = JsonDocument.Parse(File.ReadAllBytes(directory.File("report.json"))).RootElement;
        JsonElement[] all = [.. report.GetProperty("configurations").EnumerateArray()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.GetProperty("operatingSystem").GetString(), Does.StartWith("Linux version "));
            Assert.That(report.GetProperty("comparison").GetProperty("configurations").GetArrayLength(), Is.EqualTo(all.Length));
            Assert.That(all, Has.Length.EqualTo(3 * 2 * 2 * 2));
            Assert.That(all.Select(c => c.GetProperty("calls").GetInt32()), Is.All.EqualTo(Calls));
            foreach (JsonElement c in all)
            {
                ulong instructions = Sum(c.GetProperty("instructions").EnumerateArray().Select(i => i.GetProperty("cycles")));
                ulong causes = Sum(c.GetProperty("cyclesByCause").EnumerateObject().Select(p => p.Value));
                Assert.That((instructions, causes), Is.EqualTo((Sum(c.GetProperty("samples").EnumerateArray()), instructions)), Name(c));
                AssertThatCodeIsNamed(c);
            }
            Assert.That(Median(all, "tsc/root/vdso/warm"), Is.InRange(40, 140), "cycles; about 25 ns on Zen 2 with RDTSCP");
            Assert.That(Median(all, "tsc/root/syscall/warm"), Is.InRange(250, 1200));
            Assert.That(Median(all, "hpet/root/vdso/warm"), Is.InRange(2000, 3600), "the vDSO cannot read the HPET: a system call");
            Assert.That(Symbols(all, "tsc/root/vdso/warm"), Is.EquivalentTo(new[] { "clock_gettime", "measure_call2" }));
            Assert.That(Symbols(all, "tsc/root/syscall/warm"), Is.SupersetOf(new[] { "entry_SYSCALL_64", "do_syscall_64", "ktime_get_ts64", "read_tsc" }));
            Assert.That(Symbols(all, "hpet/root/vdso/warm"), Does.Contain("read_hpet"));
            Assert.That(Symbols(all, "acpi_pm/root/syscall/warm"), Does.Contain("acpi_pm_read"));
            Assert.That(result.Output, Does.Contain("monotonic/tsc/root/vdso/warm: 3 calls").And.Contain("rdtscp").And.Contain("clock_gettime+"));
        }
    }

    /// <summary>The kernel prints its own symbols in /proc/kallsyms; a program in it hashes them.</summary>
    [Test]
    public void SymbolsAreThoseThatTheKernelKnows()
    {
        CosimProcess.RequireBusybox();
        const string script = "grep -v '\\[' /proc/kallsyms | awk '$1 >= \"ffff8\" { print $1, $3 }' | sha256sum";
        CommandLine.Result result = CosimProcess.Run(
            "", "boot", "linux", "--kernel", s_kernel, "--append", "cryptomgr.notests", "--exec", "/bin/busybox", "--", "sh", "-c", script);
        StringBuilder ours = new();
        foreach (CodeSymbol symbol in Kallsyms.Read(LinuxKernel.Read(s_kernel)))
            ours.Append($"{symbol.Address:x16} {symbol.Name}\n");
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(ours.ToString())));
        Assert.That(result.Output, Does.StartWith(hash), result.Error);
    }

    [Test]
    public void EngineChangesAtAKernelSymbol()
    {
        CosimProcess.RequireBusybox();
        CommandLine.Result result = CosimProcess.Run(
            "", "boot", "linux", "--kernel", s_kernel, "--append", "cryptomgr.notests", "--detailed-from", "run_init_process", "--functional-from", "begin_new_exec", "--exec", "/bin/busybox", "--", "true");
        Assert.That((result.Status, result.Error), Is.EqualTo((0, result.Error)));
        Assert.That(result.Error, Does.Not.Contain("was not reached"));
    }

    [Test]
    public void PlacesAndFilesThatCannotBeAreUserErrors()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("map"), "ffffffff81234560 T entry_SYSCALL_64\n");
        CommandLine.Run("boot", "linux", "--kernel", s_kernel, "--initrd", s_kernel, "--detailed-from", "no_such_function").AssertUserError("--detailed-from 'no_such_function': no such symbol in " + s_kernel);
        CommandLine.Run("boot", "linux", "--kernel", s_kernel, "--initrd", s_kernel, "--system-map", directory.File("map"), "--detailed-from", "entry_SYSCALL_64")
            .AssertUserError(directory.File("map"), "is another kernel's: entry_SYSCALL_64 is at ffffffff81234560 there");
        CommandLine.Run("study", "clock-gettime", "--os", "linux", "--kernel", s_kernel, "--system-map", "/nowhere").AssertUserError("/nowhere: no such file");
    }

    private static void AssertThatCodeIsNamed(JsonElement configuration)
    {
        foreach (JsonElement instruction in configuration.GetProperty("instructions").EnumerateArray())
        {
            // The vDSO is stripped: its local functions have places in the image, but no names.
            string? image = instruction.TryGetProperty("image", out JsonElement i) ? i.GetString() : null;
            bool named = instruction.TryGetProperty("text", out _) && instruction.TryGetProperty("offset", out _) && (image == "vdso" || instruction.TryGetProperty("symbol", out _));
            Assert.That(named, Is.True, $"{Name(configuration)} at {instruction.GetProperty("address").GetString()} in {image}");
        }
    }

    private static string Name(JsonElement c) =>
        string.Join('/', ((string[])["clocksource", "namespace", "path", "cache"]).Select(p => c.GetProperty(p).GetString()));

    private static ulong Median(JsonElement[] all, string name) => all.Single(c => Name(c) == name).GetProperty("cycles").GetProperty("median").GetUInt64();

    private static IEnumerable<string> Symbols(JsonElement[] all, string name) =>
        all.Single(c => Name(c) == name).GetProperty("instructions").EnumerateArray().Where(i => i.TryGetProperty("symbol", out _)).Select(i => i.GetProperty("symbol").GetString()!).Distinct();

    private static ulong Sum(IEnumerable<JsonElement> numbers)
    {
        ulong sum = 0;
        foreach (JsonElement number in numbers)
            sum += number.GetUInt64();
        return sum;
    }
}
