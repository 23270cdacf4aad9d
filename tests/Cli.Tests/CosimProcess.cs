using System.Diagnostics;
using CoSim.Os.Loader;

namespace CoSim.Cli.Tests;

/// <summary>Runs the built command as users do, as a process of its own.</summary>
internal static class CosimProcess
{
    private const int TimeoutMilliseconds = 120_000;

    /// <summary>Runs `cosim` with arguments and an input that ends.</summary>
    public static CommandLine.Result Run(string input, params string[] arguments) => Run(input, [], null, arguments);

    /// <summary>Runs `cosim` with other variables in its environment, in another directory, without input.</summary>
    public static CommandLine.Result RunWith(IReadOnlyDictionary<string, string> variables, string directory, params string[] arguments) =>
        Run("", variables, directory, arguments);

    private static CommandLine.Result Run(string input, IEnumerable<KeyValuePair<string, string>> variables, string? directory, string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "cosim.exe" : "cosim"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeoutMilliseconds))
        {
            process.Kill();
            Assert.Fail($"cosim {string.Join(' ', arguments)} did not end within {TimeoutMilliseconds} ms; it wrote: {output.Result}{error.Result}");
        }
        return new CommandLine.Result(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Ignores the test unless Debian's static busybox is there.</summary>
    public static void RequireBusybox()
    {
        const string path = "/bin/busybox";
        if (!File.Exists(path))
            Assert.Ignore("no /bin/busybox (package busybox-static)");
        try
        {
            ElfProgram.Check(path, File.ReadAllBytes(path));
        }
        catch (BadInputException e)
        {
            Assert.Ignore(e.Message);
        }
    }
}
