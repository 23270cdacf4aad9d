using CoSim.Guest.Link;
using CoSim.Guest.Link.Stubs;
using Iced.Intel;

namespace CoSim.Guest.Tests;

/// <summary>All stubs assemble to code that disassembles, and inline stubs keep their promises.</summary>
[TestFixture]
public sealed class StubTest
{
    private const ulong At = 0xFFFFFFFF80100000;

    private static StubLibrary Library(string kind) => new(LinkOptions.Parse(["--input", "a.o", "--output", "a.elf", "--kind", kind]));

    private static IEnumerable<TestCaseData> Stubs() => Cases(false);

    private static IEnumerable<TestCaseData> InlineStubs() => Cases(true);

    private static IEnumerable<TestCaseData> Cases(bool inlineOnly) =>
        from kind in new[] { "kernel", "firmware", "user", "vdso" }
        from stub in Library(kind).All
        where stub.ZeroSize == 0 && (stub.Inline || !inlineOnly)
        select new TestCaseData(kind, stub.Names[0]);

    [TestCaseSource(nameof(Stubs))]
    public void Stub_AssemblesAndDefinesAllItsSymbols(string kind, string name)
    {
        Stub stub = Library(kind).Find(name)!;
        ulong at = stub.Place is StubPlace.Boot or StubPlace.ResetVector ? 0x100000 : At;
        StubWriter writer = new(stub.Bits, _ => at + 0x1000, 0x0101);
        stub.Emit(writer);
        if (stub.Inline) writer.Code.ret();
        byte[] code = writer.Assemble(at, out List<(string Name, ulong Offset)> exports);
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.Not.Empty);
            Assert.That(exports.Select(e => e.Name), Is.EqualTo(stub.Names[1..]));
            Assert.That(exports.Select(e => e.Offset), Is.Ordered);
        });
    }

    [TestCaseSource(nameof(InlineStubs))]
    public void InlineStub_FitsInACallAndLeavesTheStackAlone(string kind, string name)
    {
        Stub stub = Library(kind).Find(name)!;
        byte[] code = stub.InlineCode(0);
        Assert.That(code, Has.Length.LessThanOrEqualTo(Inliner.CallLength), name);
        int depth = 0;
        foreach (Instruction i in Decoder.Create(64, code))
        {
            Assert.That(i.IsInvalid, Is.False);
            depth += i.StackPointerIncrement;
        }
        Assert.That(depth, Is.Zero, "stack pointer after the stub");
    }

    [Test]
    public void EveryNeed_IsAStubAnExportOrTheLinkers([Values("kernel", "firmware", "user", "vdso")] string kind)
    {
        string[] exports = ["kernel_main", "kernel_trap", "kernel_syscall", "ap_main", "firmware_main", "main"];
        StubLibrary library = Library(kind);
        string[] unknown = [.. library.All.SelectMany(s => s.Needs).Where(n => library.Find(n) == null && !exports.Contains(n) && !LinkerSymbols.Names.Contains(n))];
        Assert.That(unknown, Is.Empty);
    }

    [TestCase("x86_in8", new byte[] { 0xEC, 0x0F, 0xB6, 0xC0 })]
    [TestCase("x86_in16", new byte[] { 0x66, 0xED, 0x0F, 0xB7, 0xC0 })]
    public void PortInput_ExtendsItsResult(string name, byte[] expected) =>
        Assert.That(Library("kernel").Find(name)!.InlineCode(0), Is.EqualTo(expected));

    [TestCase("marker_span_begin", 0x01)]
    [TestCase("marker_span_end", 0x02)]
    [TestCase("marker_cold", 0x03)]
    [TestCase("marker_detailed", 0x04)]
    [TestCase("marker_functional", 0x05)]
    [TestCase("marker_exit", 0x06)]
    [TestCase("marker_label", 0x07)]
    public void Marker_IsANopWithItsNumberAndTheArgumentInRax(string name, int number)
    {
        StubWriter writer = new(64, _ => 0, 0);
        Library("user").Find(name)!.Emit(writer);
        Assert.That(writer.Assemble(At, out _), Is.EqualTo(new byte[] { 0x48, 0x89, 0xF8, 0x0F, 0x1F, 0x80, (byte)number, 0x00, 0x51, 0xC0, 0xC3 }));
    }
}
