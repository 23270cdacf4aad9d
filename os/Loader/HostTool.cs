using System.ComponentModel;
using System.Diagnostics;

namespace CoSim.Os.Loader;

/// <summary>Runs a filter of the host, such as a decompressor that .NET does not have.</summary>
internal static class HostTool
{
    /// <summary>Passes bytes through a program.</summary>
    /// <param name="file">The user's file that needs it, for messages.</param>
    /// <param name="program">The program, looked up in PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">Its standard input.</param>
    /// <returns>Its standard output.</returns>
    /// <exception cref="BadInputException">The program is not installed, or it failed.</exception>
    public static byte[] Run(string file, string program, string[] arguments, byte[] input)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Start(file, start);
        Task writing = Task.Run(() => Feed(process, input));
        Task<string> complaint = process.StandardError.ReadToEndAsync();
        using MemoryStream output = new();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        writing.Wait();
        if (process.ExitCode != 0)
            throw new BadInputException(file, program, complaint.Result.Trim().TrimEnd('.'));
        return output.ToArray();
    }

    private static Process Start(string file, ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new BadInputException(file, $"needs the program '{start.FileName}' to decompress it; install it or give the vmlinux");
        }
    }

    // A program that has seen enough closes its input: its exit status tells whether that was an error.
    private static void Feed(Process process, byte[] input)
    {
        try
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
        }
    }
}
