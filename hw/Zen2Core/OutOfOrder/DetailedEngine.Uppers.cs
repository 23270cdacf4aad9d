using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>
/// Upper halves of the YMM registers. Legacy vector instructions keep them, which makes their old destination a source; while all
/// uppers are zero (no AVX code has run since VZEROUPPER) that source is known and nothing waits for it.
/// </content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    /// <summary>A producer that is older than everything in the reorder buffer: the value comes from the architectural state.</summary>
    private const long RetiredLongAgo = -2;

    /// <summary>False only when every upper half is zero; speculative 256-bit writes count at dispatch.</summary>
    private bool _uppersInUse;

    /// <summary>Looks at the architectural state. The reorder buffer holds no vector result that could change the answer.</summary>
    private void LookAtUppers()
    {
        ulong bits = 0;
        for (int i = 0; i < 16; i++)
            bits |= _state->Vec[(i * 4) + 2] | _state->Vec[(i * 4) + 3];
        _uppersInUse = bits != 0;
    }
}
