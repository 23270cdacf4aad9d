using System.Diagnostics;
using CoSim.Traces.Export;
using CoSim.Traces.Format;

namespace CoSim.Traces.Tests.Export;

/// <summary>Exports traces, and gives the results to the programs that they are for.</summary>
internal static class Exported
{
    public static byte[] Bytes(string format, byte[] trace)
    {
        using TraceReader reader = new(new MemoryStream(trace));
        MemoryStream output = new();
        TraceExporters.Find(format)!.Exporter.Write(new ExportInput(reader.Header, reader.Events()) { Symbols = TraceSymbols.Of(reader) }, output);
        return output.ToArray();
    }

    /// <summary>Exports to a file, runs a program on it and returns what it prints; the test is ignored without the program.</summary>
    /// <param name="format">The format.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments; {} is the file.</param>
    public static string Consume(string format, byte[] trace, string program, params string[] arguments)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Bytes(format, trace));
            return Run(program, [.. arguments.Select(a => a.Replace("{}", path, StringComparison.Ordinal))]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static string Run(string program, params string[] arguments)
    {
        string? found = Find(program);
        if (found == null)
            Assert.Ignore($"{program} is not installed");
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec \"$@\" </dev/null", "sh", found!, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LD_LIBRARY_PATH"] = Path.Combine(Viewers, "lib");
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, error.Result);
        return output;
    }

    /// <summary>Whether a program is there.</summary>
    public static bool Has(string program) => Find(program) != null;

    /// <summary>Whether a program is there and ends well.</summary>
    public static bool Succeeds(string program, params string[] arguments)
    {
        if (Find(program) is not { } found)
            return false;
        ProcessStartInfo start = new(found, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>Where CI unpacks viewers that it does not install.</summary>
    public static string Viewers
    {
        get
        {
            string? folder = TestContext.CurrentContext.TestDirectory;
            while (folder != null && !File.Exists(Path.Combine(folder, "CoSim.sln")))
                folder = Path.GetDirectoryName(folder);
            return Path.Combine(folder ?? "/", "artifacts", "viewers");
        }
    }

    private static string? Find(string program) =>
        ((string[])[Path.Combine(Viewers, "bin"), "/usr/bin", "/usr/local/bin"]).Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);
}
