using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Tests;

/// <summary>Programs that a scenario brings along or finds in an initramfs.</summary>
[TestFixture]
public sealed class ScenarioProgramTests
{
    private const string Minimal = "title: t\nmachine: {memory: 64M}\nexpect: {status: 0, console: [{present: 'two cores: read the clock'}]}\n";

    private static string TwoCores => GuestImages.Above(AppContext.BaseDirectory).ProgramPath("timekeepingbugs");

    [Test]
    public void AStaticElfFileBesideTheScenarioRuns()
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(directory.File("build"));
        File.Copy(TwoCores, directory.File("build/mine"));
        AssertAsExpected(directory, "workload: [{elf: build/mine, arguments: [two-cores]}]\nmachine: {memory: 64M, cores: 2}\n");
    }

    [Test]
    public void AProgramOfTheScenariosInitramfsRuns()
    {
        using TemporaryDirectory directory = new();
        WriteInitramfs(directory.File("my.cpio"));
        AssertAsExpected(directory, "system: {initrd: my.cpio}\nworkload: [{initramfs: /opt/mine, arguments: [two-cores]}]\nmachine: {memory: 64M, cores: 2}\n");
    }

    [Test]
    [Category("NeedsLinuxKernel")]
    public void AModuleThatTheKernelDoesNotHaveIsNamedWithItsPlace()
    {
        using TemporaryDirectory directory = new();
        string scenario = directory.File("m.yaml");
        File.WriteAllText(scenario, "title: t\nsystem: {kind: linux, modules: [no-such-module]}\nworkload: [[busybox, 'true']]\nexpect: {status: 0}\n");
        CommandLine.Run("scenario", "run", scenario, "--kernel", CoSim.Cli.Tests.LinuxImage.Require()).AssertUserError("m.yaml: line 2, column 33: there is no module 'no-such-module.ko'");
    }

    [Test]
    [Category("NeedsLinuxKernel")]
    public void BothRunOnLinux()
    {
        using TemporaryDirectory directory = new();
        File.Copy(TwoCores, directory.File("other"));
        WriteInitramfs(directory.File("my.cpio"));
        AssertAsExpected(
            directory,
            """
            system: {kind: linux, initrd: my.cpio, parameters: quiet cryptomgr.notests}
            workload: [{elf: other, arguments: [two-namespaces]}, {initramfs: /opt/mine, arguments: [two-cores]}]
            machine: {memory: 256M, cores: 2}

            """,
            "--kernel",
            CoSim.Cli.Tests.LinuxImage.Require());
    }

    [TestCase("workload: [{elf: none}]\n", "line 4, column 18: ", "none: no such file")]
    [TestCase("workload: [{elf: text}]\n", "line 4, column 18: ", "text: offset 0: this is a script")]
    [TestCase("workload: [[./text]]\n", "line 4, column 12: ", "text: offset 0: this is a script")]
    [TestCase("workload: [{initramfs: /opt/none}]\nsystem: {initrd: my.cpio}\n", "line 4, column 24: there is no '/opt/none' in the initramfs")]
    [TestCase("workload: [{initramfs: /init}]\nsystem: {initrd: none}\n", "line 5, column 18: ", "none: no such file")]
    [TestCase("workload: [{initramfs: /init}]\nsystem: {initrd: text}\n", "line 5, column 18: 'text' is not made of cpio archives")]
    [TestCase("workload: [{initramfs: init}]\n", "line 4, column 24: an absolute path in the initramfs")]
    [TestCase("workload: [{elf: a, initramfs: /b}]\n", "line 4, column 21: 'initramfs' cannot stand beside 'elf'")]
    [TestCase("workload: [{arguments: [a]}]\n", "line 4, column 12: the program is missing here: one of elf, initramfs")]
    [TestCase("workload: [date]\n", "line 4, column 12: a program is expected here")]
    [TestCase("workload: [{initramfs: /a}]\nsystem: {kind: bare}\n", "line 4, column 24: 'kind: bare' has no initramfs")]
    [TestCase("workload: [[a]]\nsystem: {kind: bare, initrd: x}\n", "line 5, column 30: 'initrd' is for an operating system")]
    public void MistakesHaveAPlace(string text, params string[] mentions)
    {
        using TemporaryDirectory directory = new();
        WriteInitramfs(directory.File("my.cpio"));
        File.WriteAllText(directory.File("text"), "#!/bin/sh\necho This is no program of this machine, however long it is.\n");
        string file = directory.File("mine.yaml");
        File.WriteAllText(file, Minimal + text);
        CommandLine.Run("scenario", "run", file).AssertUserError(["mine.yaml: ", .. mentions]);
    }

    private static void WriteInitramfs(string path)
    {
        const uint executable = 0x1ED;
        CpioWriter archive = new();
        archive.AddDirectory("opt", executable);
        archive.AddFile("opt/mine", executable, File.ReadAllBytes(TwoCores));
        File.WriteAllBytes(path, archive.Finish());
    }

    private static void AssertAsExpected(TemporaryDirectory directory, string text, params string[] options)
    {
        string file = directory.File("mine.yaml");
        File.WriteAllText(file, Minimal.Replace("machine: {memory: 64M}\n", "", StringComparison.Ordinal) + text);
        CommandLine.Result result = CommandLine.Run(["scenario", "run", file, .. options]);
        Assert.That(result.Status, Is.Zero, result.Output + result.Error);
    }
}
