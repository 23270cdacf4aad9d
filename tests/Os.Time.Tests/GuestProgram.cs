using CoSim.Os.Loader;

namespace CoSim.Os.Timekeeping.Tests;

/// <summary>A C program of this folder, compiled once, that runs on the host's Linux and on our kernel under QEMU.</summary>
internal sealed class GuestProgram : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("guestprogram").FullName;
    private readonly string _name;

    /// <summary>Compiles NAME.c; ignores the test when gcc or QEMU is missing.</summary>
    internal GuestProgram(string name)
    {
        Tools.Need("gcc");
        Tools.Need("qemu-system-x86_64");
        _name = name;
        string source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Programs", name + ".c");
        (_, string errors, int status) = Tools.Run("gcc", TimeSpan.FromMinutes(1), "-O1", "-static", "-o", File, source);
        Assert.That(status, Is.Zero, errors);
    }

    private string File => Path.Combine(_directory, _name);

    /// <summary>The answers of the host's Linux.</summary>
    internal string[] RunOnLinux() => Answers(Tools.Run(File, TimeSpan.FromMinutes(1)).Output);

    /// <summary>The answers of our kernel.</summary>
    internal string[] RunOnOurs(int cpus, string parameters)
    {
        CpioWriter archive = new();
        archive.AddDirectory("bin", 0x1ED);
        archive.AddFile("init", 0x1ED, System.IO.File.ReadAllBytes(TestImages.Path("init.elf")));
        archive.AddFile("bin/" + _name, 0x1ED, System.IO.File.ReadAllBytes(File));
        string initramfs = Path.Combine(_directory, "initramfs.cpio");
        System.IO.File.WriteAllBytes(initramfs, archive.Finish());
        return Answers(Tools.Run(
            // Instruction counting makes the guest's time independent of the host's load.
            "qemu-system-x86_64", TimeSpan.FromMinutes(2), "-icount", "shift=1,sleep=off", "-M", "q35", "-cpu", "EPYC-Rome", "-smp", $"{cpus}", "-m", "256", "-nographic", "-no-reboot",
            "-kernel", TestImages.Path("os.elf"), "-initrd", initramfs, "-append", $"console=ttyS0 quiet {parameters} -- {_name}").Output);
    }

    /// <summary>The lines from the first heading on, without kernel messages; the whole text when there is no heading.</summary>
    private static string[] Answers(string output)
    {
        string text = output.Replace("\r", "", StringComparison.Ordinal);
        int start = text.IndexOf("== ", StringComparison.Ordinal);
        return start < 0 ? [text] : [.. text[start..].Split('\n').Where(l => l.Length != 0 && l[0] != '[')];
    }

    public void Dispose() => Directory.Delete(_directory, true);
}
