using System.Runtime.CompilerServices;
using System.Text;
using CoSim.Hw.Apic;
using CoSim.Hw.Hpet;
using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Devices.Tests;

/// <summary>docs/registers.md is what the tables say. COSIM_WRITE_DOCS=1 writes it anew.</summary>
public sealed class RegisterDocumentTests
{
    [Test]
    public void TheDocumentIsUpToDate()
    {
        string path = Path.Combine(Repository(), "docs", "registers.md");
        string expected = Document();
        if (Environment.GetEnvironmentVariable("COSIM_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.That(File.ReadAllText(path), Is.EqualTo(expected), "run the test with COSIM_WRITE_DOCS=1 and look at the difference");
    }

    private static string Document()
    {
        StringBuilder text = new();
        text.Append(
            """
            # Registers

            Made from the register tables of `hw/` by `tests/Devices.Tests`; do not edit. Offsets and resets are hexadecimal; a dash means that
            hardware decides the value. Bits that no row names are reserved: they read as their reset value, and a write that would change
            them is logged. *Tagged* fields keep what is written but have no effect in the model; setting them is logged.


            """);
        Add(text, "Local APIC at FEE00000h; x2APIC: MSR 800h + offset / 10h", LocalApicRegisters.Table);
        Add(text, "IO-APIC at FEC00000h, indirect: offset is 4 times the index", IoApicRegisters.For(24));
        Add(text, "HPET at FED00000h", HpetRegisters.For(3));
        Add(text, "ACPI PM block at port 800h", PmRegisters.Table);
        Add(text, "FCH PM registers at FED80300h, or by index at port CD6h", FchPowerManagement.Table);
        Add(text, "RTC by index at port 70h or 72h", RtcRegisters.Table);
        Add(text, "PCI configuration space of every function", PciFunction.Table);
        return text.ToString().TrimEnd() + "\n";
    }

    private static void Add<T>(StringBuilder text, string title, RegisterTable<T> table)
        where T : class =>
        text.Append("## ").Append(title).Append("\n\n").Append(table.Describe()).Append('\n');

    private static string Repository([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", ".."));
}
