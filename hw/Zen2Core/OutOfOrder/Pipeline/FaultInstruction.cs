using System.Runtime.InteropServices;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <summary>The place holder for an instruction whose bytes cannot be fetched. At most one is in flight: fetch stops behind it.</summary>
internal sealed unsafe class FaultInstruction
{
    private readonly Decoded* _decoded;
    private readonly MicroOp* _op;

    public FaultInstruction()
    {
        _decoded = (Decoded*)NativeMemory.AllocZeroed((nuint)sizeof(Decoded));
        _op = (MicroOp*)NativeMemory.AlignedAlloc((nuint)sizeof(MicroOp), 64);
        *_op = default;
        _op->Marks = MicroOpMarks.First | MicroOpMarks.Last;
        _decoded->Ops = _op;
        _decoded->Infos = (OpInfo*)NativeMemory.AllocZeroed((nuint)sizeof(OpInfo));
        _decoded->SecondPage = Functional.Block.NoPage;
        _decoded->Block = -1;
        OpInfoBuilder.MakeNop(_decoded);
    }

    ~FaultInstruction()
    {
        NativeMemory.AlignedFree(_op);
        NativeMemory.Free(_decoded->Infos);
        NativeMemory.Free(_decoded);
    }

    /// <summary>The place holder, at an address.</summary>
    public Decoded* At(ulong rip, byte modeKey)
    {
        _decoded->Rip = rip;
        _decoded->ModeKey = modeKey;
        _op->Rip = rip;
        return _decoded;
    }
}
