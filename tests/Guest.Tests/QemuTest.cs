using System.Buffers.Binary;
using System.Text;

namespace CoSim.Guest.Tests;

/// <summary>The images on a machine that is not ours.</summary>
[TestFixture, Category("NeedsTools")]
public sealed class QemuTest
{
    private const int FlashSize = 16 << 20;

    private static readonly string[] KernelLines =
    [
        "start info magic 00000000336ec578", "product high 121fa00ad77d7422", "product low 236d88fe5618cf00", "trap 0000000000000003",
        "application processor 00000000000000c0", "system call result 000000000000002a", "traps 0000000000000002", "done",
    ];

    [Test]
    public void Kernel_StartedByPvh_UsesEveryEntry()
    {
        string output = Qemu($"-smp 2 -m 128 -kernel {Images.Path("sample-kernel.elf")}");
        Assert.Multiple(() =>
        {
            foreach (string line in KernelLines) Assert.That(output, Does.Contain(line));
        });
    }

    [TestCase(1, 64)]
    [TestCase(4, 256)]
    [TestCase(2, 3072)]
    public void Firmware_FromTheResetVector_FindsTheMachineAndStartsTheKernel(int processors, int megabytes)
    {
        string flash = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"flash{processors}.bin");
        File.WriteAllBytes(flash, Flash(("kernel", File.ReadAllBytes(Images.Path("sample-kernel.elf"))), ("cmdline", Encoding.ASCII.GetBytes("quiet"))));
        string output = Qemu($"-smp {processors} -m {megabytes} -bios {flash}");
        File.Delete(flash);
        Assert.Multiple(() =>
        {
            Assert.That(output, Does.Contain($"{processors} processor"));
            Assert.That(output, Does.Contain($"{megabytes} MiB"));
            Assert.That(output, Does.Contain("start info magic 00000000336ec578"));
            Assert.That(output, Does.Contain("done"));
        });
    }

    [Test]
    public void Firmware_WithoutAKernel_SaysSo()
    {
        string flash = Path.Combine(TestContext.CurrentContext.WorkDirectory, "flash-empty.bin");
        File.WriteAllBytes(flash, Flash(("cmdline", Encoding.ASCII.GetBytes("quiet"))));
        string output = Qemu($"-smp 1 -m 64 -bios {flash}", "firmware: the flash holds no kernel");
        File.Delete(flash);
        Assert.That(output, Does.Contain("firmware: the flash holds no kernel"));
    }

    /// <summary>A flash image: firmware at the end, the directory at the start, files behind it.</summary>
    private static byte[] Flash(params (string Name, byte[] Bytes)[] files)
    {
        byte[] flash = new byte[FlashSize];
        Array.Fill(flash, (byte)0xFF);
        byte[] firmware = File.ReadAllBytes(Images.Path("firmware.bin"));
        firmware.CopyTo(flash, FlashSize - firmware.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(flash.AsSpan(FlashSize - 32), 0x444D_4953_4F43_0001);
        BinaryPrimitives.WriteUInt64LittleEndian(flash.AsSpan(FlashSize - 24), 0);
        BinaryPrimitives.WriteUInt64LittleEndian(flash, (ulong)files.Length);
        int at = 4096;
        for (int i = 0; i < files.Length; i++)
        {
            Span<byte> entry = flash.AsSpan(8 + i * 48, 48);
            entry.Clear();
            Encoding.ASCII.GetBytes(files[i].Name, entry);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], (ulong)at);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], (ulong)files[i].Bytes.Length);
            files[i].Bytes.CopyTo(flash, at);
            at += (files[i].Bytes.Length + 4095) & ~4095;
        }
        return flash;
    }

    // The sample kernel ends the machine by the exit device; without a kernel the firmware halts, so time ends it.
    private static string Qemu(string arguments, string? until = null)
    {
        string limit = until == null ? "" : "-k 1 3 qemu-system-x86_64 ";
        string options = $"-M q35 -cpu EPYC-Rome -display none -serial stdio -device isa-debug-exit,iobase=0xf4,iosize=4 -no-reboot {arguments}";
        return until == null ? Tool.Run("qemu-system-x86_64", options).Output : Tool.Run("timeout", limit + options).Output;
    }
}
