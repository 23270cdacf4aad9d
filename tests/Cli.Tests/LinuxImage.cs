namespace CoSim.Cli.Tests;

/// <summary>The Linux kernels that tests boot: artifacts/linux/boot/vmlinuz-*, or the host's own /boot/vmlinuz-*; others in folders of their own.</summary>
internal static class LinuxImage
{
    private const string Usual = "linux";

    /// <summary>A kernel's path. Ignores the test where there is none.</summary>
    /// <param name="folder">The folder below artifacts that holds its package's boot.</param>
    public static string Require(string folder = Usual)
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "CoSim.sln")))
            at = at.Parent;
        string own = Path.Combine(at!.FullName, "artifacts", folder, "boot");
        string[] places = folder == Usual ? [own, "/boot"] : [own];
        string? kernel = places.Where(Directory.Exists).SelectMany(p => Directory.GetFiles(p, "vmlinuz-*")).Order().FirstOrDefault();
        if (kernel is null)
            Assert.Ignore($"no Linux kernel in {string.Join(" or ", places)}");
        return kernel!;
    }
}
