using System.Diagnostics;

namespace CoSim.Guest.Tests;

/// <summary>Runs programs of the host that are not part of the .NET SDK.</summary>
public static class Tool
{
    /// <summary>Runs a program; ignores the test when it is not installed.</summary>
    /// <returns>Exit status, and standard output followed by standard error.</returns>
    public static (int Status, string Output) Run(string program, string arguments, int seconds = 30)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(p => Path.Combine(p, program)).FirstOrDefault(File.Exists);
        if (path == null && !File.Exists(program)) Assert.Ignore($"{program} is not installed");
        using Process process = Process.Start(new ProcessStartInfo(path ?? program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            process.Kill();
            Assert.Fail($"{program} {arguments} took more than {seconds} s; it printed: {output.Result}{error.Result}");
        }
        return (process.ExitCode, output.Result + error.Result);
    }
}
