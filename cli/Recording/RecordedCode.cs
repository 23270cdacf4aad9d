using CoSim.Cli.Running;
using CoSim.Guest.Symbols;
using CoSim.Hw.Zen2Core;
using CoSim.Os.Loader;
using CoSim.Traces.Format;

namespace CoSim.Cli.Recording;

/// <summary>The images that a run executes: their symbols go into the trace, and where they lie is told when it is known.</summary>
internal sealed class RecordedCode
{
    private const string VdsoName = "vdso";

    private readonly List<SymbolImage> _images = [];
    private readonly ElfImage? _vdso;
    private readonly string _kernelName = "";
    private readonly ulong? _kernelEntry;
    private readonly HashSet<(string Image, ulong Bias)> _told = [];
    private GuestCodeReader? _reader;

    private RecordedCode(string name, SymbolTable kernel, ElfImage? vdso)
    {
        _kernelName = name;
        _kernelEntry = kernel.Find(KernelNames.SystemCallEntry)?.Address;
        _vdso = vdso;
        Add(name, kernel, 0);
        if (vdso != null)
            Add(VdsoName, vdso.Symbols, null);
        _ = _told.Add((name, 0));
    }

    /// <summary>Symbols by image.</summary>
    public IReadOnlyList<SymbolImage> Images => _images;

    /// <summary>The images of a run on our operating system.</summary>
    /// <exception cref="BadInputException">An image of the build is missing or damaged.</exception>
    public static RecordedCode Own(GuestImages images, ProgramPackage program)
    {
        ElfImage? vdso = File.Exists(images.VdsoPath) ? KernelNames.Image(VdsoName, GuestImages.Read(images.VdsoPath)) : null;
        RecordedCode code = new("os.elf", KernelNames.Image("os.elf", GuestImages.Read(images.KernelPath)).Symbols, vdso);
        return code.AddFirmware(images).Add(program);
    }

    /// <summary>The images of a run on a Linux kernel.</summary>
    /// <param name="images">The built images: the firmware is ours.</param>
    /// <param name="file">The kernel.</param>
    /// <param name="systemMap">Path of its System.map; null for its own symbols.</param>
    /// <param name="programs">The programs.</param>
    /// <exception cref="BadInputException">An image is damaged.</exception>
    public static RecordedCode Linux(GuestImages images, byte[] file, string? systemMap, IEnumerable<ProgramPackage> programs)
    {
        ElfImage kernel = KernelNames.Image("vmlinux", file);
        RecordedCode code = new("vmlinux", KernelNames.Read(kernel, systemMap), KernelNames.Vdso(kernel));
        _ = code.AddFirmware(images);
        foreach (ProgramPackage program in programs)
            _ = code.Add(program);
        return code;
    }

    /// <summary>Tells where an image lies that a core executes for the first time; null when there is nothing new.</summary>
    public (string Image, ulong Bias)? Locate(Machine machine, CoreContext core, ulong rip)
    {
        if (_kernelEntry is { } entry && machine.Cores[core.Index].SystemCallEntry is > 0 and ulong moved && _told.Add((_kernelName, moved - entry)))
            return (_kernelName, moved - entry);
        if (_vdso == null)
            return null;
        _reader ??= new GuestCodeReader(machine, _vdso);
        _ = _reader.Read(core.Index, rip);
        foreach (ulong start in _reader.VdsoBases)
        {
            if (_told.Add((VdsoName, start)))
                return (VdsoName, start);
        }

        return null;
    }

    /// <summary>The firmware as the linker made it, when the build has it beside the flat image.</summary>
    private RecordedCode AddFirmware(GuestImages images)
    {
        string path = Path.ChangeExtension(images.FirmwarePath, ".elf");
        if (File.Exists(path))
            Add("firmware", KernelNames.Image("firmware", GuestImages.Read(path)).Symbols, 0);
        return this;
    }

    /// <summary>A program at its linked addresses; one that is not in a form that is read here has no names.</summary>
    private RecordedCode Add(ProgramPackage program)
    {
        try
        {
            Add(Path.GetFileName(program.GuestPath), KernelNames.Image(program.GuestPath, program.Content).Symbols, 0);
        }
        catch (BadInputException)
        {
            // The run itself says what is wrong with it.
        }

        return this;
    }

    private void Add(string name, SymbolTable symbols, ulong? bias)
    {
        // Data has no instructions; where functions are marked, nothing else is a place in code.
        CodeSymbol[] functions = [.. symbols.All.Where(s => s.IsFunction)];
        IReadOnlyList<CodeSymbol> places = functions.Length > 0 ? functions : symbols.All;
        _images.Add(new SymbolImage(name, bias, [.. places.Select(s => new TraceSymbol(s.Address, s.Size, s.DisplayName))]));
    }
}
