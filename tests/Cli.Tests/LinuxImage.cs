namespace CoSim.Cli.Tests;

/// <summary>The Linux kernel that tests boot: artifacts/linux/boot/vmlinuz-*, or the host's own /boot/vmlinuz-*.</summary>
internal static class LinuxImage
{
    /// <summary>Its path. Ignores the test where there is none.</summary>
    public static string Require()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "CoSim.sln")))
            at = at.Parent;
        string[] places = [Path.Combine(at!.FullName, "artifacts", "linux", "boot"), "/boot"];
        string? kernel = places.Where(Directory.Exists).SelectMany(p => Directory.GetFiles(p, "vmlinuz-*")).Order().FirstOrDefault();
        if (kernel is null)
            Assert.Ignore("no Linux kernel in artifacts/linux/boot or /boot");
        return kernel!;
    }
}
