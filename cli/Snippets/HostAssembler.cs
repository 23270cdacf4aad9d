using System.ComponentModel;
using System.Diagnostics;

namespace CoSim.Cli.Snippets;

/// <summary>Assembles text with the host's assembler: GNU as and ld (Intel syntax, no prefixes), or nasm.</summary>
internal static class HostAssembler
{
    /// <summary>Assembles.</summary>
    /// <param name="text">The program, a statement a line.</param>
    /// <param name="option">The option that it came by, for messages.</param>
    /// <param name="mode">Its mode.</param>
    /// <param name="at">Its linear address.</param>
    /// <param name="assembler"><c>as</c> or <c>nasm</c>; null for the first that is installed.</param>
    /// <param name="place">Where it was written.</param>
    public static byte[] Assemble(string text, string option, BareMode mode, ulong at, string? assembler, SnippetPlace place)
    {
        string tool = assembler switch
        {
            null => IsInstalled("as") && IsInstalled("ld") ? "as" : "nasm",
            "as" or "nasm" => assembler,
            _ => throw place.Wrong("assembler", assembler, "must be 'as' or 'nasm'"),
        };
        foreach (string needed in tool == "as" ? (string[])["as", "ld"] : ["nasm"])
        {
            if (!IsInstalled(needed))
                throw place.Wrong(option, null, assembler is null
                    ? "needs GNU as and ld, or nasm; install one (packages binutils, nasm) or give machine code"
                    : $"the program '{needed}' is not installed");
        }
        DirectoryInfo directory = Directory.CreateTempSubdirectory("cosim-asm-");
        try
        {
            string file = Path.Combine(directory.FullName, "snippet");
            int bits = mode switch { BareMode.Real16 => 16, BareMode.Protected32 => 32, _ => 64 };
            if (tool == "nasm")
            {
                File.WriteAllText(file + ".asm", $"bits {bits}\norg 0x{at:x}\n%line 1+1 snippet\n{text}\n");
                Run(place, option, "nasm", "-f", "bin", "-o", file + ".bin", file + ".asm");
            }
            else
            {
                File.WriteAllText(file + ".s", $".intel_syntax noprefix\n.code{bits}\n.text\n.globl _start\n_start:\n# 1 \"snippet\"\n{text}\n");
                Run(place, option, "as", "--64", "-o", file + ".o", file + ".s");
                Run(place, option, "ld", "-m", "elf_x86_64", "-N", $"-Ttext=0x{at:x}", "--oformat", "binary", "-o", file + ".bin", file + ".o");
            }
            return File.ReadAllBytes(file + ".bin");
        }
        finally
        {
            directory.Delete(true);
        }
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => d.Length > 0 && File.Exists(Path.Combine(d, program)));

    private static void Run(SnippetPlace place, string option, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            _ = output.Result;
            if (process.ExitCode != 0)
                throw place.Wrong(option, null, $"{program}: {FirstError(error)}");
        }
        catch (Win32Exception e)
        {
            throw place.Wrong(option, null, $"'{program}' cannot be started: {e.Message}");
        }
    }

    /// <summary>The first line that tells of an error, without the name of the temporary file.</summary>
    private static string FirstError(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string line = lines.FirstOrDefault(l => l.Contains("rror", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "failed";
        const string name = "snippet:";
        int at = line.IndexOf(name, StringComparison.Ordinal);
        return at >= 0 ? "line " + line[(at + name.Length)..].TrimStart() : line;
    }
}
