using CoSim.Hw.Simulation;

namespace CoSim.Tests.Simulation;

public class PhysicalMemoryTests
{
    [Test]
    public unsafe void RomReadsAndLosesWrites_RamKeepsThem()
    {
        using PhysicalMemory memory = new();
        memory.AddRam(0, 0x10000);
        memory.AddRom(0xFFFF0000, new byte[] { 1, 2, 3 });
        Assert.That(*memory.PointerTo(0xFFFF0001, out bool writable), Is.EqualTo(2));
        Assert.That(writable, Is.False);
        memory.Write(0x1000, [7, 8]);
        byte[] read = new byte[2];
        memory.Read(0x1000, read);
        Assert.That(read, Is.EqualTo(new byte[] { 7, 8 }));
        Assert.That(memory.PointerTo(0x20000, out _) == null);
    }

    [Test]
    public void WritesByDevicesTellWhoHoldsDecodedCode()
    {
        using PhysicalMemory memory = new();
        memory.AddRam(0, 0x10000);
        List<ulong> dropped = [];
        memory.CodePageWritten += dropped.Add;
        unsafe
        {
            *memory.FlagsOf(0x3000) |= PageFlags.Code;
        }

        memory.Write(0x2FF0, new byte[0x20]);
        memory.Write(0x5000, [1]);
        Assert.That(dropped, Is.EqualTo(new[] { 0x3000UL }));
    }

    [Test]
    public void SaveAndRestore_BringBackEveryPageAndClearTheRest()
    {
        using PhysicalMemory memory = new();
        memory.AddRam(0, 0x10000);
        memory.Write(0x1234, [42]);
        StateWriter writer = new();
        memory.Save(writer);
        memory.Write(0x8000, [9]);
        memory.Write(0x1234, [0]);
        memory.Restore(new StateReader(writer.ToArray(), new EventQueue()));
        byte[] read = new byte[1];
        memory.Read(0x1234, read);
        Assert.That(read[0], Is.EqualTo(42));
        memory.Read(0x8000, read);
        Assert.That(read[0], Is.Zero);
    }
}
