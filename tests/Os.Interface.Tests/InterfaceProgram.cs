using System.Diagnostics;
using System.Runtime.CompilerServices;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace CoSim.Os.Interface.Tests;

/// <summary>C programs of this project and Linux' self-tests, run on our operating system by the built command.</summary>
internal static class InterfaceProgram
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(100);
    private static readonly Lock s_compiling = new();

    /// <summary>What a program wrote and returned.</summary>
    internal sealed record Result(int Status, string Output, string Error)
    {
        /// <summary>The output's lines.</summary>
        internal string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string SourceFolder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    /// <summary>The repository's root.</summary>
    internal static string Root => Path.GetFullPath(Path.Combine(SourceFolder(), "../.."));

    /// <summary>The answers of Debian's Linux 6.1.192 to a program of this project.</summary>
    internal static string Expected(string name) => File.ReadAllText(Path.Combine(SourceFolder(), "Expected", name + ".txt"));

    /// <summary>Compiles Programs/NAME.c once per run; ignores the test where there is no gcc.</summary>
    internal static string Compile(string name)
    {
        if (!OperatingSystem.IsLinux() || !Tool("gcc")) Assert.Ignore("gcc is not installed");
        lock (s_compiling)
        {
            string output = Path.Combine(AppContext.BaseDirectory, "interface-" + name);
            string source = Path.Combine(SourceFolder(), "Programs", name + ".c");
            DateTime changed = Directory.GetFiles(Path.GetDirectoryName(source)!, "*.h").Append(source).Max(File.GetLastWriteTimeUtc);
            if (File.Exists(output) && File.GetLastWriteTimeUtc(output) > changed) return output;
            Result r = Execute("gcc", "-static", "-O1", "-w", "-pthread", "-o", output, source, "-lrt", "-lm");
            Assert.That(r.Status, Is.Zero, r.Error);
            return output;
        }
    }

    /// <summary>A self-test that tests/selftests/build.sh has built; ignores the test where it has not.</summary>
    internal static string SelfTest(string name)
    {
        string path = Path.Combine(Root, "artifacts/selftests", name);
        if (!File.Exists(path)) Assert.Ignore($"{path} is not there; run tests/selftests/build.sh");
        return path;
    }

    /// <summary>Busybox; ignores the test where there is none.</summary>
    internal static string Busybox
    {
        get
        {
            const string Path = "/bin/busybox";
            if (!File.Exists(Path)) Assert.Ignore("busybox is not installed");
            return Path;
        }
    }

    /// <summary>Debian's Linux 6.1 in artifacts/linux/boot; ignores the test where it is not.</summary>
    internal static string LinuxKernel
    {
        get
        {
            string folder = Path.Combine(Root, "artifacts/linux/boot");
            string? kernel = Directory.Exists(folder) ? Directory.GetFiles(folder, "vmlinuz-6.1*").Order().FirstOrDefault() : null;
            if (kernel is null) Assert.Ignore("no Linux kernel in artifacts/linux/boot");
            return kernel!;
        }
    }

    /// <summary>Runs a static program on our operating system.</summary>
    internal static Result Run(string program, string[] options, params string[] arguments) =>
        Execute(Path.Combine(AppContext.BaseDirectory, "cosim"), ["run", .. options, "--", program, .. arguments]);

    /// <summary>Runs a static program, given with its arguments, on Linux in the same simulated machine.</summary>
    internal static Result RunOnLinux(string kernel, string command) =>
        Execute(Path.Combine(AppContext.BaseDirectory, "cosim"), ["boot", "linux", "--kernel", kernel, "--append", "cryptomgr.notests quiet", "--exec", command]);

    /// <summary>Runs a static program that goes on on another machine.</summary>
    internal static Result Migrate(string program, string[] options) =>
        Execute(Path.Combine(AppContext.BaseDirectory, "cosim"), ["migrate", .. options, "--", program]);

    private static bool Tool(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, name)));

    private static Result Execute(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_limit))
        {
            process.Kill(true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end; it wrote\n{output.Result}{error.Result}");
        }
        TestContext.Out.WriteLine(output.Result + error.Result);
        return new Result(process.ExitCode, output.Result, error.Result);
    }
}
