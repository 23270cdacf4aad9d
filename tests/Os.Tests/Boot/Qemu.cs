using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using CoSim.Os.Loader;

namespace CoSim.Os.Tests.Boot;

/// <summary>
/// Runs the kernel image on QEMU: an independent implementation of the processor and the devices. A run is bounded in time and its
/// console output is the result.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal static partial class Qemu
{
    private const string Program = "qemu-system-x86_64";

    internal static string KernelImage => typeof(Qemu).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "KernelImage").Value!;

    /// <summary>Ignores the test where a tool is missing.</summary>
    internal static string Require(string tool)
    {
        foreach (string directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            if (File.Exists(Path.Combine(directory, tool))) return Path.Combine(directory, tool);
        Assert.Ignore($"{tool} is not installed");
        return tool;
    }

    /// <summary>Boots with the files given (guest path, content) and returns the lines that the console showed after the firmware.</summary>
    internal static string[] Run(int processors, string parameters, params (string Path, byte[] Content)[] files)
    {
        Require(Program);
        string archive = Path.GetTempFileName();
        try
        {
            CpioWriter cpio = new();
            foreach (string directory in files.SelectMany(f => Parents(f.Path)).Distinct().Order(StringComparer.Ordinal)) cpio.AddDirectory(directory, 0x1ED);
            foreach ((string path, byte[] content) in files) cpio.AddFile(path, 0x1ED, content);
            File.WriteAllBytes(archive, cpio.Finish());
            return Execute(Program, "-M", "q35", "-cpu", "EPYC-Rome", "-smp", $"{processors}", "-m", "256", "-nographic", "-no-reboot",
                "-kernel", KernelImage, "-initrd", archive, "-append", parameters);
        }
        finally
        {
            File.Delete(archive);
        }
    }

    /// <summary>Compiles a C program statically; ignores the test where the compiler is missing.</summary>
    internal static byte[] Compile(string compiler, string source)
    {
        Require(compiler);
        string output = Path.GetTempFileName();
        try
        {
            string[] lines = Execute(compiler, "-static", "-O2", "-w", "-pthread", "-o", output, Path.Combine(AppContext.BaseDirectory, "Programs", source));
            Assert.That(new FileInfo(output).Length, Is.Positive, string.Join('\n', lines));
            return File.ReadAllBytes(output);
        }
        finally
        {
            File.Delete(output);
        }
    }

    /// <summary>Runs a compiled program on the host's own Linux: the oracle.</summary>
    internal static string[] RunNatively(byte[] program)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, program);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            return Execute(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (int i = path.IndexOf('/'); i > 0; i = path.IndexOf('/', i + 1)) yield return path[..i];
    }

    private static string[] Execute(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string a in arguments) start.ArgumentList.Add(a);
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromSeconds(100)))
        {
            process.Kill(true);
            Assert.Fail($"{program} did not end in time; it had written:\n{output.Result}\n{errors.Result}");
        }
        string text = Escapes().Replace(output.Result, "").Replace("\r", "", StringComparison.Ordinal);
        int from = text.IndexOf("Booting from ROM", StringComparison.Ordinal);
        if (from >= 0) text = text[from..].TrimStart("Booting from ROM.".ToCharArray());
        TestContext.Out.WriteLine(text);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex("\x1b\\[[0-9;?=]*[a-zA-Z]|\x1b[a-z]")]
    private static partial Regex Escapes();
}
