using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Vector;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of the FMA instructions.</summary>
internal static unsafe class FormsFma
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        All<FusedAdd>("Vfmadd", true);
        All<FusedSubtract>("Vfmsub", true);
        All<FusedNegativeAdd>("Vfnmadd", true);
        All<FusedNegativeSubtract>("Vfnmsub", true);
        All<FusedAddSubtract>("Vfmaddsub", false);
        All<FusedSubtractAdd>("Vfmsubadd", false);
    }

    private static void All<TSigns>(string name, bool scalars)
        where TSigns : struct, IFusedSigns
    {
        Order<Order132, TSigns>(name + "132", scalars);
        Order<Order213, TSigns>(name + "213", scalars);
        Order<Order231, TSigns>(name + "231", scalars);
    }

    private static void Order<TOrder, TSigns>(string name, bool scalars)
        where TOrder : struct, IFusedOrder
        where TSigns : struct, IFusedSigns
    {
        Add<FusedPackedSingle<TOrder, TSigns>>(name + "ps");
        Add<FusedPackedDouble<TOrder, TSigns>>(name + "pd");
        if (!scalars)
            return;
        Add<FusedScalarSingle<TOrder, TSigns>>(name + "ss");
        Add<FusedScalarDouble<TOrder, TSigns>>(name + "sd");
    }

    private static void Add<TOp>(string mnemonic)
        where TOp : struct, IVecFloatOp3 => FormTable.Add(Enum.Parse<Mnemonic>(mnemonic), EncodingKind.VEX, Crack<TOp>);

    private static void Crack<TOp>(CrackContext c)
        where TOp : struct, IVecFloatOp3
    {
        ushort third = VecCrack.Source(c, 2);
        ushort dst = c.Register(0);
        if (VecCrack.Shape(c) == VecShapeKind.Vex256)
            VecEmit.Float3<TOp, Vex256Shape>(c, dst, dst, c.Register(1), third);
        else
            VecEmit.Float3<TOp, Vex128Shape>(c, dst, dst, c.Register(1), third);
    }
}
