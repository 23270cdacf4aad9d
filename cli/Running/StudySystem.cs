using CoSim.Guest.Symbols;
using CoSim.Guest.Symbols.Linux;
using CoSim.Os.Loader;

namespace CoSim.Cli.Running;

/// <summary>The operating system that a study runs on: ours, or a Linux kernel of the user's own.</summary>
internal sealed class StudySystem
{
    private const string Workload = "clockstudy";

    private readonly GuestImages _images;
    private readonly ElfImage _kernel;
    private readonly SymbolTable _kernelSymbols;
    private readonly ElfImage? _vdso;
    private readonly Func<InitJob, BootFiles> _boot;

    private StudySystem(GuestImages images, string name, ElfImage kernel, SymbolTable symbols, ElfImage? vdso, Func<InitJob, BootFiles> boot)
    {
        _images = images;
        Name = name;
        _kernel = kernel;
        _kernelSymbols = symbols;
        _vdso = vdso;
        _boot = boot;
        Places = new CodePlaces();
    }

    /// <summary>What the report calls it: "CoSim" or, for example, "Linux version 6.1.0-56-amd64".</summary>
    public string Name { get; }

    /// <summary>Whether the boot takes so many instructions that it is not measured unless the user asks for it.</summary>
    public bool BootsLong { get; private init; }

    /// <summary>Names of places in it.</summary>
    public CodePlaces Places { get; private init; }

    /// <summary>Our operating system.</summary>
    /// <param name="images">The built images.</param>
    /// <param name="parameters">Kernel parameters.</param>
    /// <exception cref="BadInputException">An image of the build is missing.</exception>
    public static StudySystem Own(GuestImages images, string parameters)
    {
        byte[] file = GuestImages.Read(images.KernelPath);
        ElfImage kernel = KernelNames.Image("kernel", file);
        ElfImage? vdso = File.Exists(images.VdsoPath) ? KernelNames.Image("vdso", GuestImages.Read(images.VdsoPath)) : null;
        return new StudySystem(images, "CoSim", kernel, kernel.Symbols, vdso, job => BootFiles.ForJob(images, job, (ProgramPackage?)null, parameters))
        {
            Places = new CodePlaces().Add("os.elf", file).Add(Workload + ".elf", GuestImages.Read(images.ProgramPath(Workload))),
        };
    }

    /// <summary>A Linux kernel.</summary>
    /// <param name="images">The built images: firmware, init and workload are ours.</param>
    /// <param name="choice">The user's files.</param>
    /// <exception cref="BadInputException">A file is missing, damaged, or does not fit the others.</exception>
    public static StudySystem Linux(GuestImages images, LinuxChoice choice)
    {
        byte[] file = LinuxKernel.Read(choice.Kernel);
        byte[] initramfs = choice.Initrd is null ? [] : InputFile.Read(choice.Initrd);
        ElfImage kernel = KernelNames.Image("vmlinux", file);
        SymbolTable symbols = KernelNames.Read(kernel, choice.SystemMap);
        string version = KernelSymbols.Version(kernel);
        return new StudySystem(
            images,
            version.Length > 0 ? version : "Linux",
            kernel,
            symbols,
            KernelNames.Vdso(kernel),
            job => BootFiles.ForLinux(images, file, initramfs, job, [], $"quiet {choice.Append}".TrimEnd()))
        {
            BootsLong = true,
            Places = new CodePlaces().AddKernel(choice.Kernel, file, choice.SystemMap).Add(Workload + ".elf", GuestImages.Read(images.ProgramPath(Workload))),
        };
    }

    /// <summary>What the firmware finds in flash for a job of init.</summary>
    public BootFiles Boot(InitJob job) => _boot(job);

    /// <summary>Reads code where the cores of a machine execute.</summary>
    public GuestCodeReader ReaderOf(Machine machine) => new(machine, _vdso);

    /// <summary>Names the addresses of a machine that has run.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="reader">What has read its code: it knows where the vDSO is.</param>
    public GuestCodeMap Map(Machine machine, GuestCodeReader reader)
    {
        GuestCodeMap map = new();
        map.Add(_kernel, _kernelSymbols, KernelBias(machine));
        map.Add(KernelNames.Image(Workload, GuestImages.Read(_images.ProgramPath(Workload))), 0);
        if (_vdso != null)
            foreach (ulong start in reader.VdsoBases)
                map.Add(_vdso, start);
        return map;
    }

    /// <summary>How far the kernel has moved itself (KASLR): LSTAR tells where its entry for system calls really is.</summary>
    private ulong KernelBias(Machine machine) =>
        _kernelSymbols.Find(KernelNames.SystemCallEntry) is { } entry && machine.Cores[0].SystemCallEntry is > 0 and ulong moved ? moved - entry.Address : 0;
}

/// <summary>A Linux kernel and what goes with it.</summary>
/// <param name="Kernel">The kernel's file.</param>
/// <param name="Initrd">The initramfs' file; null for none.</param>
/// <param name="Append">Kernel parameters.</param>
/// <param name="SystemMap">The System.map's file; null for the kernel's own symbols.</param>
internal sealed record LinuxChoice(string Kernel, string? Initrd, string Append, string? SystemMap);
