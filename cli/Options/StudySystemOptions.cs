using System.CommandLine;
using CoSim.Cli.Running;
using CoSim.Os.Loader;

namespace CoSim.Cli.Options;

/// <summary>The options of a study that choose its operating system.</summary>
internal sealed class StudySystemOptions
{
    private const string Own = "cosim", Linux = "linux";

    private readonly Option<string> _os = new("--os")
    {
        Description = "Operating system that is measured: 'cosim' (ours) or 'linux' (a kernel of yours, with --kernel).",
        HelpName = "NAME",
        DefaultValueFactory = _ => Own,
        CustomParser = result => MachineOptions.Word(result) is Own or Linux
            ? MachineOptions.Word(result)
            : MachineOptions.Fail<string>(result, "must be 'cosim' or 'linux'"),
    };

    private readonly Option<string?> _kernel = new("--kernel") { Description = "With --os linux: the kernel, a bzImage (vmlinuz) or a vmlinux with a PVH entry.", HelpName = "FILE" };
    private readonly Option<string?> _initrd = new("--initrd") { Description = "With --os linux: an initramfs to go below the workload's own.", HelpName = "FILE" };
    private readonly Option<string?> _append = new("--append") { Description = "With --os linux: kernel parameters.", HelpName = "TEXT" };
    private readonly Option<bool> _compare = new("--compare") { Description = "With --os linux: measure CoSim's own operating system too, and show both side by side." };

    /// <summary>The option that names a kernel's symbols.</summary>
    public static Option<string?> SystemMap() => new("--system-map")
    {
        Description = "The kernel's System.map; without it the kernel's own symbols (kallsyms, symbol table) are used.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _systemMap = SystemMap();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_os, _kernel, _initrd, _append, _systemMap, _compare])
            command.Add(option);
    }

    /// <summary>The Linux kernel that the user chose; null for our operating system.</summary>
    /// <exception cref="BadInputException">The options do not go together.</exception>
    public LinuxChoice? Read(ParseResult parsed)
    {
        string? kernel = parsed.GetValue(_kernel);
        if (parsed.GetRequiredValue(_os) == Linux)
        {
            return kernel is null
                ? throw new BadInputException("--os linux", "name the kernel with --kernel")
                : new LinuxChoice(kernel, parsed.GetValue(_initrd), parsed.GetValue(_append) ?? "", parsed.GetValue(_systemMap));
        }
        foreach (Option option in (Option[])[_kernel, _initrd, _append, _systemMap, _compare])
            if (parsed.GetResult(option) is { Implicit: false })
                throw new BadInputException(option.Name, "needs --os linux");
        return null;
    }

    /// <summary>Whether our operating system is measured for comparison.</summary>
    public bool Compares(ParseResult parsed) => parsed.GetValue(_compare);
}
