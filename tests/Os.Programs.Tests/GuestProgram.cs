using System.Diagnostics;
using System.Runtime.InteropServices;
using CoSim.Os.Loader;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace CoSim.Os.Programs.Tests;

/// <summary>Runs a guest program on this host: the programs are static Linux programs, so Linux is their oracle.</summary>
internal static class GuestProgram
{
    private const int TimeoutMilliseconds = 20_000;

    /// <summary>What a program did.</summary>
    public sealed record Result(int Status, string Output, string Error);

    /// <summary>Runs a program; ignores the test where the host cannot.</summary>
    public static Result Run(string name, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64)
            Assert.Ignore("the host is not Linux on x86-64");
        string directory = Directory.CreateTempSubdirectory("cosim-programs-").FullName;
        try
        {
            string copy = Path.Combine(directory, name);
            File.Copy(GuestImages.Above(AppContext.BaseDirectory).ProgramPath(name), copy);
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            using Process process = Process.Start(new ProcessStartInfo(copy, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(TimeoutMilliseconds))
            {
                process.Kill();
                Assert.Fail($"{name} did not end within {TimeoutMilliseconds} ms");
            }
            return new Result(process.ExitCode, output.Result, error.Result);
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }

    /// <summary>Ignores the test where this process may not make a time namespace.</summary>
    public static void RequireTimeNamespaces()
    {
        Result result = Run("clockstudy", "clocks=1", "sources=", "namespaces=1");
        Result attempt = Run("init", "--timens", "monotonic=1", "/bin/true");
        if (attempt.Status != 0 || result.Status != 0)
            Assert.Ignore($"no time namespaces here: {attempt.Error.Trim()}");
    }
}
