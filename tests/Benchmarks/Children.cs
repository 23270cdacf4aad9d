using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CoSim.Benchmarks;

/// <summary>Runs programs and measures the processor time that they take.</summary>
internal static partial class Children
{
    private const int ChildProcesses = -1;

    /// <summary>Runs a program to its end, without input.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="output">What it wrote to its output.</param>
    /// <param name="error">What it wrote to its error output.</param>
    /// <returns>Its seconds in user mode.</returns>
    public static double ProcessorSeconds(string program, string[] arguments, out string output, out string error)
    {
        double before = UserSeconds();
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        output = process.StandardOutput.ReadToEnd();
        error = errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return UserSeconds() - before;
    }

    /// <summary>User time of all children that have ended.</summary>
    private static double UserSeconds()
    {
        Span<long> usage = stackalloc long[18];
        return GetUsage(ChildProcesses, ref MemoryMarshal.GetReference(usage)) == 0 ? usage[0] + (usage[1] / 1e6) : 0;
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, ref long usage);
}
