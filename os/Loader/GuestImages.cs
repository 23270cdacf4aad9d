namespace CoSim.Os.Loader;

/// <summary>Finds the images that the guest tool chain builds: firmware, operating system, initramfs and user programs.</summary>
public sealed class GuestImages
{
    private readonly string _directory;

    private GuestImages(string directory) => _directory = directory;

    /// <summary>The images in a directory.</summary>
    /// <param name="directory">A directory such as artifacts/guest.</param>
    public static GuestImages In(string directory) => new(directory);

    /// <summary>The images of the build that a program belongs to: artifacts/guest above the directory it runs from.</summary>
    /// <param name="programDirectory">The directory of the running program, below artifacts/bin.</param>
    /// <exception cref="BadInputException">There is no such directory: the guest images have not been built.</exception>
    public static GuestImages Above(string programDirectory)
    {
        for (DirectoryInfo? at = new(programDirectory); at != null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "artifacts", "guest");
            if (Directory.Exists(candidate))
                return new GuestImages(candidate);
        }
        throw new BadInputException(programDirectory, "no artifacts/guest directory above it; build the solution first");
    }

    /// <summary>Path of the firmware's flat binary, which ends at the reset vector.</summary>
    public string FirmwarePath => Path.Combine(_directory, "firmware.bin");

    /// <summary>Path of the firmware's ELF file, with symbols and lines at run addresses.</summary>
    public string FirmwareSymbolsPath => Path.Combine(_directory, "firmware.elf");

    /// <summary>Path of the operating system's ELF file with its PVH entry note.</summary>
    public string KernelPath => Path.Combine(_directory, "os.elf");

    /// <summary>Path of the default initramfs (cpio newc) with init and the other programs.</summary>
    public string InitramfsPath => Path.Combine(_directory, "initramfs.cpio");

    /// <summary>Path of the vDSO's ELF file.</summary>
    public string VdsoPath => Path.Combine(_directory, "vdso.elf");

    /// <summary>Path of a user program's ELF file.</summary>
    /// <param name="name">The program's name without directory and extension.</param>
    public string ProgramPath(string name) => Path.Combine(_directory, name + ".elf");

    /// <summary>Reads an image.</summary>
    /// <param name="path">One of the paths of this object.</param>
    /// <exception cref="BadInputException">The image is missing or cannot be read.</exception>
    public static byte[] Read(string path) => InputFile.Read(path);
}
