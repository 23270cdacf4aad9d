namespace CoSim.Hw.Zen2Core.Isa.Float;

/// <summary>
/// The estimates of RCPSS and RSQRTSS. The architecture bounds only their error (1.5 x 2^-12, AMD APM vol. 4); AMD's processors look them
/// up by the upper 12 fraction bits. The tables hold, two bits each, the difference (plus one) between the processor's 12 result bits
/// and the correctly rounded value at the middle of the interval; measured on an AMD family 19h model 11h, no Zen 2 being at hand.
/// </summary>
internal static class ReciprocalEstimates
{
    // 1/x for x in [1, 2).
    private const string ReciprocalCorrections =
        "UFWlqlBVpapQVaWqUFVQVaWqpaqlWqWqUVWlVaVWpVqlWqVapValVWVVVVWlWqVVqmqlVqpqpVWmWmVVpVVRAQRFVVkUVWVpFEVVWVmapqpUlWVZWZamaWma" +
        "pmlpmqZpWZZlWVVVVRVZlmVVaZplWWmaZVlpllUVWVZRBGqaZRVEVWamRGVmqkRlZqZEVWVmVWaqqkRVVWZVZmZmVWZmZlVmZmZVZlVVmaqqZlVmVlWZZmZm" +
        "mapmZpqqZmaZamZWFFWWaWWZpqoUVZVlVVmWaWVZpmllWZZpVVWWZRRVVVVlWZZlVVVVVVVVVVVlWZZVZVmWVWVZVVVVVVEUaZqWVVBRVVlUVlZalZaWmpWW" +
        "lpqVlpaalZZWWlVWVVmppqaalVZWWaWmllpVVVFFVVZVRVVWVUVVVlFFVVVBBamWVllVVaVVapWqqRVVlVVlValVaVWqVWpVqlVqValVaVWlVVVVVVRqlapV" +
        "aVVVVWpVqlUVVVUAalVVUGpVVVRqVVVUVVVVlVVVVVWVqqqqVVVVqlVVVVVVVVWVqqqqqlVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVaqqqqpqVVVVVVVVVVVl" +
        "VVVVpaqqAVBVVVVVVVVVpVZVVaVaVVWlWlVVpVZVVVVVVRVQVVVVpapVVWVVVVqlqlZVZVVVVqVaVVVQVQGVWqVqlWqlqkBVUFVAVVBVlWqlapVapVqVVqVV" +
        "VVVVVZaqpVqVVmVVRVVQBZVWZVWWaqVWVVVRFZVVVVWVWmVVUUVVVVFFVVVRRVVVUUUVVaWWWmqllVZaZZVVVlFFFVWllVZaVVUVVaWWVlZVRRUVpZVVVaaW" +
        "VlpVRQUFZVUVFVVlZWVVpaWllaWlZVVlZWVVZWVlRVVVVUVRUVGWpaWlVWVlVUVVUVGVpWVlRVVRUZVlZVVFUVFQVWVVUZalZVVVVZVlVVmWpWVZlqZlWZqm" +
        "ZVmapmVZmqZlWZamZVmWZVVVlWVVVVVVURRFUWVZlmVVVVVVpmmapmVVVVVRFEVRBFEUVVVlVWVZplmmFFUUVVVVVWVVZVllWWZZplmmaaYUURRRFFEUVRRR" +
        "FFEUURRRaaZZpllmWWZZZVllVVVVVRVVVFFppplmWWWVVRVVVFFZZpllVVVVUVlmmWVVVVRRWWaVVRVRRBFZVVVRWWaVVWqmmWUVVUQRWVVVUVllVVVEVBFV" +
        "RFVRVURVUVVEVVFVRFURVURUEVGZmWZmmZllZlWZVWVVVVVVRFURUZmZZWZVlVVVRFUREZmZVWVVVRFVmVlVZlUVEVWZWVVlVRUREZVZVVWZWWZmVRUREZVZ" +
        "VVWZWVVVqWpmZlUVERFVFRERmVlVVZlZVVWZWVVVmVlVVQ==";

    // 1/sqrt(x) for x in [1, 2).
    private const string RootCorrections =
        "AABVVQAAVVUAAFVVVVWqqlVVWlUAAFVVVVVaVVVVqqoFAFVVVQVVVVVVVVVVVVVVVRVVVVUFVVUVAFUVVVVqVVVqVaoFVVVVVWpVqgFVBVVVVVVWVVpVWlVq" +
        "VWpVqlWqVWpValVqVVpVWlVWVVUVVQVVAVVVWlVWVVUFVVVqVVZVVVZllVZqpUEVVVFFVVVVVVVWVZVVVmWVVVZVlVVWVVVVVVFFFVVQllpqpZVVVlVVFVVQ" +
        "llZaVVVVVVCVVlZVRWVlZZWlpaVAUVFRQVVVVUVVVVVFVVVVRVVVVUVVVVVFVVVVQVFRUZalpaVVZWVlRVVVUZampWVVZVVVlqalZRQFRVFVVVVlWVqWpRQV" +
        "RVFVFVVVVVZVZVlWlmVZWpZlWVqWZVlalmVZVpZlWVZVVVlWVVVVFUVRaVqWZVlWVVVRFFVVZVmmaVVVZVllWaZpVVVVVWVZpllRFFUVVVVlVWVZZlmmWaZp" +
        "URRVFFUVVRVVVVVVVVVVVVVVVVVVVVVVWWaaZllmmmVZZZZlVVVWVRVVVVFZZppmWWWWVRVVVVFZZpplVVVWVVlmmmVVVVZRWWaaVRVVVRFZZVZVaWaaZVVZ" +
        "VVaZWWaWmWlmmlQVVUVVVVVFVVVVVVVZVVVVWVVWVVlVVVVZVVVVVVVFVRVVRVQVEUWZaWZWmVllVlVZVUVmZqaqVVVmZlFVVVVmZmamVVVVZmZmpqpVVVVm" +
        "ZmZmqlVVVWVmZmZmUVVVVVVVZWZmZmZmEVVVVVVVVVVVZmZmVVVVVVVVVVWVmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZVVVVVVVVVVVVVaqq" +
        "mpmZmZmZmZlZVVVVZmZVVVVVmZmqalVVZmZVRFVVmVlmZlVVVlWZmWpmVVVmVZmZamZVVVVVmVlmZlVEVVVVVWZWmZlqZlVFVVURVVVUVVlVZVaZmWVmqpmp" +
        "EVVVVFVVVVVVWVVlVZlZZVaZWWVmmZllZpqZZWaamWlmmplpZpqZZWaamWVmmVllVVVZVUVVVVVEFVVFmWaqmVlmmllVVplVVVVZVUQVVUVZZpqZVVaZVUVV" +
        "VUWZZpqZVVaZVUUVVUVZZplZVVVVVZlllmlVVVVlmWWWqVVVVWWZZZZpVVRRVZlllmlVVFFVWWWVZZpllmlVVFFVWWWVZZpllmlVVFFVVVVVZZlllWVFFUUU" +
        "VVVVVFVWWVVZZlllmWaZZZpmmmWaapppVRVVFFUVVVRVVVVUVVVVVFVVVVVVVlVVVVVVVFVVVVRVVVVUZVllWWVZVVlVWVVVVVVVVVRVFFVpqmmaaZplmmWZ" +
        "ZVlVWVVVVVVUVWmaaZplmmVZZVlVVVVVFFVpmmWZZVlVVQ==";

    // 1/sqrt(x) for x in [2, 4).
    private const string Root2Corrections =
        "UVVVZVVZlqVlWZqmEBRFUVAURVGlaZqmZWmapmVZlmVlWZZlVVVVVaZpmqZlWZZlVRVFUWVZlmVVFEVRZVlVVVVlVVVZZlmWWaZplhRVFEUVVRVFFVUVRRVV" +
        "FUUVVRVFFVUURWmmaZZZZllWWWVVRRVVFEFppllWWVUVRWmmWVZZZVaZFFFFVFVVVpVZZpaZFFFFVBVVVVVZVVaVWWVWmVlmlplZZpaZWWaWmVlmVplZZlaZ" +
        "WWVWVVlVVVUVVUVUFRFVVVllZmZZVVVlFRFRVVlVZmYVUVVVWVVmZhURVVVZVVVlamZmZhVVVVVZVVVVaWZmZhUREREVEVVVWVVVVZmZmZmZmZmZmZmZmZmZ" +
        "mZmZmZmZmZmZmZmZVVVVVVVVVVVVVUVERESZmZmZVVVVVVVVRESZmZlVVVVVVZmZmZlRVVVllpmZqVFVVWWVmZllUVVFVJVZVWWWmZlpUVVFVJVVVVWVmVVl" +
        "ppmZZVFFRFRRVUVUVVVVVFVVVVSVVVVVmWVmmpllZpmZZWaZWWVWmVllVplVZVVZVVVVVVVUEVWZaWaaWWVWmVVVVVVVVBFVmWVmmVVlVVVFVBFFWWVWWVVU" +
        "VVWZZZZZVVVVVZlllllVVFFVmWWWWVVUUUVZZZVVmWWWWVVUUUVZZVVVmWWWWUUUUURVVVFFWWVVVZlllVVVUVVVVVVlVWVVZZVllWWVZZVllmWWZZZllmWW" +
        "ZZZllmWWZZZllWWVZZVlVWVVZVVVVVVVVVFVUVRRFFFplmmWVZZlmVVVVVlFUVRVWaZpmlWWZVlFVVVVRFEURVWWZVlFUVVVWZZlmlVVVVVFURRFVVVlWUVR" +
        "FEVVlWVZRVEURVVVVVWapmmaVVVVVVmWZVlFURRFVVVVVVmWZVlFURRFVVVVVVmWZVlFURRFVVVVVVmWVVVZlmVZmqZpmkVRFEVRFEVVURRFVVVVRVVVVVVZ" +
        "VlVVWZZVVVmWZVVZlmVZWZZlWVmWZVlZlmVZWZZlVVmWZVVZllVVWVZVVVlVVVVVFAVFUWlZmpZlWVqWZVVZVlVVVVUVRVVRFAVFUWVZWpZlVVlVVUVVVRQF" +
        "RVFlWVmWVVVVVRVFRVFlWVqWVVVVVRRFRVFlWVlWVUVVUWlZWpZVVVVVFAVFQWVVWVUVRUVRZVlZVRVFRVFlWVlVFUVFUWVVWVUVBUVBZVVVVWlZWpZFRVVV" +
        "VVlZWQVFRUVVVVVZWVlZWgVFRUVVVVVZWVlZWgVFRUVFVVVVVVlZWVlaWlpFRUVFRVVVVVVVWVlZWVlaBQUFRUVFRUVFVVVVVVVVVVlZWVlZWVlaWlpaWgUF" +
        "BQVFRUVFRUVFRUVFRUVFVVVVVVVVVVVVVVVVVVVVVVVVVQ==";

    private static readonly ushort[] s_reciprocal = Build(ReciprocalCorrections, x => 1 / x);
    private static readonly ushort[] s_root = Build(RootCorrections, x => 1 / Math.Sqrt(x));
    private static readonly ushort[] s_root2 = Build(Root2Corrections, x => 1 / Math.Sqrt(2 * x));

    /// <summary>RCPSS of one lane.</summary>
    public static ulong Reciprocal(ulong bits)
    {
        ulong sign = bits & Format<Binary32>.SignBit;
        if (Format<Binary32>.IsNaN(bits))
            return bits | Format<Binary32>.QuietBit;
        int field = (int)(bits >> 23) & 0xFF;
        if (field == 0xFF)
            return sign;
        if (field == 0)
            return sign | Format<Binary32>.Infinity;

        // 1/x of [1, 2) has the exponent -1; results below the normal range are zero.
        int result = 0xFF - field - 2;
        return result <= 0 ? sign : sign | ((ulong)result << 23) | ((ulong)s_reciprocal[(bits >> 11) & 0xFFF] << 11);
    }

    /// <summary>RSQRTSS of one lane.</summary>
    public static ulong ReciprocalRoot(ulong bits)
    {
        ulong sign = bits & Format<Binary32>.SignBit;
        if (Format<Binary32>.IsNaN(bits))
            return bits | Format<Binary32>.QuietBit;
        int field = (int)(bits >> 23) & 0xFF;
        if (field == 0)
            return sign | Format<Binary32>.Infinity;
        if (sign != 0)
            return Format<Binary32>.DefaultNaN;
        if (field == 0xFF)
            return 0;
        int exponent = field - 127;
        ushort[] table = (exponent & 1) == 0 ? s_root : s_root2;
        int result = 127 - 1 - (exponent >> 1);
        return ((ulong)result << 23) | ((ulong)table[(bits >> 11) & 0xFFF] << 11);
    }

    // Division and square root of doubles are correctly rounded on every host.
    private static ushort[] Build(string corrections, Func<double, double> function)
    {
        byte[] packed = Convert.FromBase64String(corrections);
        ushort[] table = new ushort[4096];
        for (int i = 0; i < table.Length; i++)
        {
            double middle = 1 + ((i + 0.5) / 4096);
            int rounded = (int)Math.Floor((((2 * function(middle)) - 1) * 4096) + 0.5);
            table[i] = (ushort)(rounded + ((packed[i >> 2] >> (2 * (i & 3))) & 3) - 1);
        }

        return table;
    }
}
