using System.Diagnostics;

namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Programs of the host that some tests need.</summary>
internal static class Tools
{
    /// <summary>Ignores the test when a program is missing.</summary>
    internal static void Need(string program)
    {
        string[] places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (!places.Any(p => File.Exists(Path.Combine(p, program)))) Assert.Ignore($"needs {program}");
    }

    /// <summary>Runs a program to its end, or kills it after the limit.</summary>
    /// <returns>Standard output, standard error, exit status, -1 when it had to be killed.</returns>
    internal static (string Output, string Error, int Status) Run(string program, TimeSpan limit, params string[] arguments)
    {
        using Process process = new();
        process.StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        process.Start();
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        bool ended = process.WaitForExit(limit);
        if (!ended) process.Kill();
        process.WaitForExit();
        return (output.Result, error.Result, ended ? process.ExitCode : -1);
    }
}
