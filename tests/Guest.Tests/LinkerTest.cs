using CoSim.Guest.Link;
using CoSim.Guest.Link.Elf;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Tests;

/// <summary>What the linker makes of objects, and what it says when it cannot.</summary>
[TestFixture]
public sealed class LinkerTest
{
    private static readonly byte[] CallAndReturn = [0xE8, 0, 0, 0, 0, 0xC3], TailCall = [0xE9, 0, 0, 0, 0], AddressOf = [0x48, 0x8D, 0x05, 0, 0, 0, 0, 0xC3];
    private static readonly byte[] Return = [0xC3];

    private static Linker Linker(ObjectBuilder builder, string kind) =>
        new(LinkOptions.Parse(["--input", "a.o", "--output", "a.elf", "--kind", kind]), ElfObject.Read("a.o", builder.ToArray()));

    private static ElfImage Link(ObjectBuilder builder, string kind = "user")
    {
        Linker linker = Linker(builder, kind);
        byte[]? image = linker.Link();
        Assert.That(linker.Errors.Select(e => e.Message), Is.Empty);
        return ElfImage.Read("a.elf", image!);
    }

    private static string[] Errors(ObjectBuilder builder, string kind = "user")
    {
        Linker linker = Linker(builder, kind);
        Assert.That(linker.Link(), Is.Null);
        return [.. linker.Errors.Select(e => e.Message)];
    }

    private static byte[] Code(ElfImage image, string symbol)
    {
        CodeSymbol s = image.Symbols.Find(symbol)!;
        return image.BytesAt(s.Address, (int)s.Size).ToArray();
    }

    [Test]
    public void CallOfAnInstruction_BecomesTheInstruction()
    {
        ElfImage image = Link(new ObjectBuilder().Function("main", CallAndReturn, (1, "x86_rdtsc")));
        Assert.That(Code(image, "main"), Is.EqualTo(new byte[] { 0x0F, 0x31, 0x0F, 0x1F, 0x00, 0xC3 }));
    }

    [Test]
    public void TailCallOfAnInstruction_BecomesTheInstructionAndReturn()
    {
        ElfImage image = Link(new ObjectBuilder().Function("main", TailCall, (1, "x86_rdtsc")));
        Assert.That(Code(image, "main"), Is.EqualTo(new byte[] { 0x0F, 0x31, 0xC3, 0xCC, 0xCC }));
    }

    [Test]
    public void TailCallThatIsTooLong_CallsTheStub()
    {
        ElfImage image = Link(new ObjectBuilder().Function("main", TailCall, (1, "x86_lfence_rdtsc")));
        Assert.Multiple(() =>
        {
            Assert.That(Code(image, "main")[0], Is.EqualTo(0xE9));
            Assert.That(Code(image, "x86_lfence_rdtsc"), Is.EqualTo(new byte[] { 0x0F, 0xAE, 0xE8, 0x0F, 0x31, 0xC3 }));
        });
    }

    [Test]
    public void AddressOfAnInstruction_IsThatOfAFunction()
    {
        ElfImage image = Link(new ObjectBuilder().Function("main", AddressOf, (3, "x86_hlt")));
        CodeSymbol main = image.Symbols.Find("main")!, stub = image.Symbols.Find("x86_hlt")!;
        Assert.That(main.Address + 7 + (ulong)BitConverter.ToInt32(Code(image, "main"), 3), Is.EqualTo(stub.Address));
    }

    [Test]
    public void WhatIsNotReached_IsLeftOut()
    {
        ElfImage image = Link(new ObjectBuilder().Function("main", Return).Function("unused", CallAndReturn, (1, "RhpNewFast")).Datum("table", "unused"));
        Assert.Multiple(() =>
        {
            Assert.That(image.Symbols.Find("unused"), Is.Null);
            Assert.That(image.Symbols.Find("table"), Is.Null);
            Assert.That(image.Segments, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public void ReferenceWithinTheCodeSection_IsFollowedWithoutARelocation()
    {
        byte[] callsNext = [0xE8, 0x0B, 0, 0, 0, 0xC3]; // to offset 16, where the second function starts
        ElfImage image = Link(new ObjectBuilder().Function("main", callsNext).Function("second", Return));
        Assert.That(image.Symbols.Find("second"), Is.Not.Null);
    }

    [Test]
    public void UndefinedSymbols_AreNamedWithTheirUserAndReason()
    {
        string[] errors = Errors(new ObjectBuilder().Function("main", CallAndReturn, (1, "RhpNewFast")));
        Assert.That(errors, Is.EqualTo(new[] { "RhpNewFast is not defined, needed by main (the guest has no managed heap: use structs and pointers)" }));
    }

    [Test]
    public void MissingEntry_IsNamed() => Assert.That(Errors(new ObjectBuilder().Function("other", Return)), Has.One.StartsWith("main is not defined"));

    [Test]
    public void StaticConstructor_IsRejected() =>
        Assert.That(Errors(new ObjectBuilder().Function("main", Return).Function("App_Table___cctor", Return)), Has.One.StartsWith("App_Table has a static constructor"));

    [Test]
    public void VectorRegisters_AreFoundOneByOne()
    {
        byte[] code = [0x45, 0x0F, 0x57, 0xC0, 0x66, 0x0F, 0xEF, 0xD2, 0xC3]; // xorps xmm8, xmm8; pxor xmm2, xmm2
        Linker linker = Linker(new ObjectBuilder().Function("main", code), "user");
        linker.Link();
        Assert.That(linker.Vectors!.Mask, Is.EqualTo(1 << 8 | 1 << 2));
    }

    [Test]
    public void WideVectorRegisters_AreRejected()
    {
        byte[] code = [0xC5, 0xFC, 0x57, 0xC0, 0xC3]; // vxorps ymm0, ymm0, ymm0
        Assert.That(() => Linker(new ObjectBuilder().Function("main", code), "user").Link(), Throws.TypeOf<LinkException>().With.Message.StartsWith("main uses YMM0"));
    }

    [Test]
    public void Kernel_HasAPvhNoteAndNoSegmentWritableAndExecutable()
    {
        ElfImage image = Link(new ObjectBuilder().Function("kernel_main", Return), "kernel");
        byte[] note = image.Section(".note.pvh");
        ElfProgramHeader[] loads = [.. image.Segments.Where(s => s.Type == 1)];
        Assert.Multiple(() =>
        {
            Assert.That(BitConverter.ToUInt32(note, 8), Is.EqualTo(18));
            Assert.That(BitConverter.ToUInt32(note, 16), Is.EqualTo(image.Symbols.Find("pvh_entry")!.Address));
            Assert.That(loads.Where(s => (s.Flags & 3) == 3), Is.Empty);
            Assert.That(loads.Min(s => s.PhysicalAddress), Is.EqualTo(0x100000));
            Assert.That(loads[^1].VirtualAddress - loads[^1].PhysicalAddress, Is.EqualTo(0xFFFFFFFF80000000));
        });
    }

    [Test]
    public void Vdso_WithWritableData_IsRejected()
    {
        ObjectBuilder builder = new ObjectBuilder().Function("__vdso_time", AddressOf, (3, "counter")).Datum("counter", "__vdso_time");
        Assert.That(Errors(builder, "vdso"), Has.One.StartsWith("the vDSO uses writable data"));
    }

    [Test]
    public void Vdso_ReachesItsDataPagesBelowItself()
    {
        ElfImage image = Link(new ObjectBuilder().Function("__vdso_time", AddressOf, (3, "timens_page")), "vdso");
        CodeSymbol f = image.Symbols.Find("__vdso_time")!;
        Assert.That(f.Address + 7 + (ulong)BitConverter.ToInt32(Code(image, "__vdso_time"), 3), Is.EqualTo(unchecked((ulong)-4096)));
    }

    [Test]
    public void EmbeddedFile_StandsBetweenItsSymbols()
    {
        Linker linker = Linker(new ObjectBuilder().Function("main", AddressOf, (3, "logo_start")), "user");
        linker.Embed("logo", [9, 8, 7]);
        ElfImage image = ElfImage.Read("a.elf", linker.Link()!);
        CodeSymbol start = image.Symbols.Find("logo_start")!;
        Assert.That((image.BytesAt(start.Address, 3).ToArray(), start.Address % 4096), Is.EqualTo((new byte[] { 9, 8, 7 }, 0UL)));
    }

    [Test]
    public void Segments_AreCongruentInFileAndMemory([Values("sample-kernel.elf", "sample-user.elf", "sample-vdso.elf", "firmware.elf")] string name)
    {
        foreach (ElfProgramHeader s in Images.Load(name).Segments.Where(s => s.Type == 1))
            Assert.That(s.Offset % s.Alignment, Is.EqualTo(s.VirtualAddress % s.Alignment), $"segment at {s.VirtualAddress:X}h (gABI, chapter 5)");
    }

    [Test]
    public void SameInput_GivesTheSameBytes()
    {
        byte[] Once() => Linker(new ObjectBuilder().Function("kernel_main", CallAndReturn, (1, "x86_cli")), "kernel").Link()!;
        Assert.That(Once(), Is.EqualTo(Once()));
    }

    [Test]
    public void DamagedObjects_GiveOneClearError()
    {
        const int seed = 2250;
        byte[] original = new ObjectBuilder().Function("main", CallAndReturn, (1, "x86_rdtsc")).Datum("table", "main").ToArray();
        Random random = new(seed);
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = i % 3 == 0 ? original[..random.Next(original.Length)] : (byte[])original.Clone();
            for (int n = 0; n < i % 3 * 2; n++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                new Linker(LinkOptions.Parse(["--input", "a.o", "--output", "a.elf", "--kind", "user"]), ElfObject.Read("a.o", damaged)).Link();
            }
            catch (LinkException e)
            {
                Assert.That(e.Message, Is.Not.Empty, $"seed {seed}, case {i}");
            }
        }
    }
}
