using System.Buffers.Binary;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Cli.Debug.Target;

/// <summary>x87, SSE and AVX registers.</summary>
internal static unsafe class VectorRegisters
{
    private const string SseFeature = "org.gnu.gdb.i386.sse";
    private const string AvxFeature = "org.gnu.gdb.i386.avx";
    private const int Vectors = 16;
    private const int StackRegisters = 8;

    private delegate uint ControlReader(CpuState* s);

    /// <summary>The register stack and its control registers. The values on the stack can be changed; what is said of them stays.</summary>
    public static IReadOnlyList<TargetRegister> X87()
    {
        List<TargetRegister> all = [];
        for (int i = 0; i < StackRegisters; i++)
        {
            int index = i;
            all.Add(new TargetRegister(GeneralRegisters.Feature, $"st{i}", 80, "i387_ext", (core, value) => ReadStack(core, index, value), (core, value) => WriteStack(core, index, value)));
        }

        all.Add(Control("fctrl", s => s->X87.Control));
        all.Add(Control("fstat", s => s->X87.Status));
        all.Add(Control("ftag", s => s->X87.Tag));
        all.Add(Control("fiseg", s => s->X87.Selectors & 0xFFFF));
        all.Add(Control("fioff", s => (uint)s->X87.InstructionPointer));
        all.Add(Control("foseg", s => s->X87.Selectors >> 16));
        all.Add(Control("fooff", s => (uint)s->X87.DataPointer));
        all.Add(Control("fop", s => s->X87.Opcode));
        return all;
    }

    /// <summary>XMM registers and MXCSR.</summary>
    public static IReadOnlyList<TargetRegister> Sse()
    {
        List<TargetRegister> all = [];
        for (int i = 0; i < Vectors; i++)
            all.Add(Half(SseFeature, $"xmm{i}", "vec128", i * 4));
        all.Add(new TargetRegister(
            SseFeature,
            "mxcsr",
            32,
            "int32",
            (core, value) => BinaryPrimitives.WriteUInt32LittleEndian(value, core.Context.State->Mxcsr),
            (core, value) =>
            {
                core.Context.State->Mxcsr = BinaryPrimitives.ReadUInt32LittleEndian(value) & 0xFFFF;
                return true;
            })
        { Group = "vector" });
        return all;
    }

    /// <summary>Upper halves of the YMM registers; gdb puts the whole ones together.</summary>
    public static IReadOnlyList<TargetRegister> Avx()
    {
        List<TargetRegister> all = [];
        for (int i = 0; i < Vectors; i++)
            all.Add(Half(AvxFeature, $"ymm{i}h", "uint128", (i * 4) + 2));
        return all;
    }

    private static TargetRegister Half(string feature, string name, string type, int first) => new(
        feature,
        name,
        128,
        type,
        (core, value) =>
        {
            BinaryPrimitives.WriteUInt64LittleEndian(value, core.Context.State->Vec[first]);
            BinaryPrimitives.WriteUInt64LittleEndian(value[8..], core.Context.State->Vec[first + 1]);
        },
        (core, value) =>
        {
            core.Context.State->Vec[first] = BinaryPrimitives.ReadUInt64LittleEndian(value);
            core.Context.State->Vec[first + 1] = BinaryPrimitives.ReadUInt64LittleEndian(value[8..]);
            return true;
        });

    private static TargetRegister Control(string name, ControlReader read) => new(
        GeneralRegisters.Feature, name, 32, "int", (core, value) => BinaryPrimitives.WriteUInt32LittleEndian(value, read(core.Context.State)), null)
    {
        Group = "float",
    };

    private static bool WriteStack(MachineCore core, int index, ReadOnlySpan<byte> value)
    {
        CpuState* s = core.Context.State;
        int physical = PhysicalOf(s, index);
        s->X87.Registers[2 * physical] = BinaryPrimitives.ReadUInt64LittleEndian(value);
        s->X87.Registers[(2 * physical) + 1] = BinaryPrimitives.ReadUInt16LittleEndian(value[8..]);
        return true;
    }

    private static int PhysicalOf(CpuState* s, int index)
    {
        const int topShift = 11;
        return ((s->X87.Status >> topShift) + index) & (StackRegisters - 1);
    }

    private static void ReadStack(MachineCore core, int index, Span<byte> value)
    {
        CpuState* s = core.Context.State;
        int physical = PhysicalOf(s, index);
        BinaryPrimitives.WriteUInt64LittleEndian(value, s->X87.Registers[2 * physical]);
        BinaryPrimitives.WriteUInt16LittleEndian(value[8..], (ushort)s->X87.Registers[(2 * physical) + 1]);
    }
}
