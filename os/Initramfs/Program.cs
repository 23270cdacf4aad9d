using CoSim.Os.Loader;

namespace CoSim.Os.Initramfs;

/// <summary>Packs programs into an initramfs: OUTPUT PLACE=FILE...</summary>
public static class Program
{
    private const uint Executable = 0x1ED; // rwxr-xr-x

    private static readonly string[] Directories = ["bin", "dev", "etc", "proc", "root", "run", "sys", "tmp"];

    /// <summary>Entry point; reports in MSBuild's canonical form.</summary>
    public static int Main(string[] arguments)
    {
        try
        {
            CpioWriter archive = new();
            foreach (string directory in Directories)
                archive.AddDirectory(directory, Executable);
            foreach (string argument in arguments.AsSpan(1))
            {
                string[] parts = argument.Split('=', 2);
                archive.AddFile(parts[0], Executable, InputFile.Read(parts[1]));
            }
            File.WriteAllBytes(arguments[0], archive.Finish());
            return 0;
        }
        catch (BadInputException e)
        {
            Console.Error.WriteLine($"Os.Initramfs : error OI0001: {e.Message}");
            return 1;
        }
    }
}
