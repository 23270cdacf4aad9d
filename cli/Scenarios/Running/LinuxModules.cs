using CoSim.Cli.Scenarios.Yaml;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Running;

/// <summary>Finds modules of a Linux kernel where its package has them.</summary>
internal static class LinuxModules
{
    private const string Guest = "/lib/modules/", Suffix = ".ko", KernelPrefix = "vmlinuz-";

    /// <summary>
    /// A module as a file for the guest, <c>/lib/modules/NAME.ko</c>. A package has the kernel as <c>boot/vmlinuz-RELEASE</c> and its modules
    /// below <c>lib/modules/RELEASE</c>, or <c>usr/lib/modules/RELEASE</c>, not compressed.
    /// </summary>
    /// <param name="kernel">The kernel's file.</param>
    /// <param name="module">The module's name, and the place where the scenario names it.</param>
    /// <exception cref="BadInputException">The kernel has no such module there.</exception>
    public static GuestFile Find(string kernel, (YamlPlace Place, string Name) module)
    {
        string name = Path.GetFileName(kernel);
        string release = name.StartsWith(KernelPrefix, StringComparison.Ordinal) ? name[KernelPrefix.Length..] : "";
        string root = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(kernel)) ?? "/", "..");
        string[] folders = [.. new[] { "lib", "usr/lib" }.Select(l => Path.GetFullPath(Path.Combine(root, l, "modules", release)))];
        string? file = release.Length == 0 ? null : folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, module.Name + Suffix, SearchOption.AllDirectories)).Order(StringComparer.Ordinal).FirstOrDefault();
        return file is null
            ? throw module.Place.Error($"there is no module '{module.Name}{Suffix}' of '{kernel}' below {folders[0]}")
            : new GuestFile(Guest + module.Name + Suffix, IsExecutable: false, InputFile.Read(file));
    }
}
