using System.Globalization;
using System.Text;

namespace CoSim.Cli.Debug.Target;

/// <summary>The description of the registers that gdb reads: target.xml (GDB manual, appendix G).</summary>
internal static class TargetDescription
{
    private const string Head = """
        <?xml version="1.0"?>
        <!DOCTYPE target SYSTEM "gdb-target.dtd">
        <target version="1.0">
        <architecture>i386:x86-64</architecture>

        """;

    /// <summary>Types that gdb does not bring along, by the feature that declares them.</summary>
    private static readonly (string Feature, string Types)[] s_types =
    [
        (
            GeneralRegisters.Feature,
            """
            <flags id="i386_eflags" size="4">
            <field name="CF" start="0" end="0"/><field name="" start="1" end="1"/><field name="PF" start="2" end="2"/>
            <field name="AF" start="4" end="4"/><field name="ZF" start="6" end="6"/><field name="SF" start="7" end="7"/>
            <field name="TF" start="8" end="8"/><field name="IF" start="9" end="9"/><field name="DF" start="10" end="10"/>
            <field name="OF" start="11" end="11"/><field name="NT" start="14" end="14"/><field name="RF" start="16" end="16"/>
            <field name="VM" start="17" end="17"/><field name="AC" start="18" end="18"/><field name="VIF" start="19" end="19"/>
            <field name="VIP" start="20" end="20"/><field name="ID" start="21" end="21"/>
            </flags>

            """),
        (
            "org.gnu.gdb.i386.sse",
            """
            <vector id="v4f" type="ieee_single" count="4"/>
            <vector id="v2d" type="ieee_double" count="2"/>
            <vector id="v16i8" type="int8" count="16"/>
            <vector id="v8i16" type="int16" count="8"/>
            <vector id="v4i32" type="int32" count="4"/>
            <vector id="v2i64" type="int64" count="2"/>
            <union id="vec128">
            <field name="v4_float" type="v4f"/><field name="v2_double" type="v2d"/><field name="v16_int8" type="v16i8"/>
            <field name="v8_int16" type="v8i16"/><field name="v4_int32" type="v4i32"/><field name="v2_int64" type="v2i64"/>
            <field name="uint128" type="uint128"/>
            </union>

            """),
    ];

    /// <summary>The whole document.</summary>
    public static string Xml { get; } = Build();

    private static string Build()
    {
        StringBuilder xml = new(Head);
        int number = 0;
        foreach (IGrouping<string, TargetRegister> feature in TargetRegisters.All.GroupBy(r => r.Feature))
        {
            xml.Append(CultureInfo.InvariantCulture, $"<feature name=\"{feature.Key}\">\n");
            xml.Append(s_types.FirstOrDefault(t => t.Feature == feature.Key).Types);
            foreach (TargetRegister register in feature)
            {
                string group = register.Group is { } name ? $" group=\"{name}\"" : "";
                xml.Append(CultureInfo.InvariantCulture, $"<reg name=\"{register.Name}\" bitsize=\"{register.Bits}\" type=\"{register.Type}\" regnum=\"{number++}\"{group}/>\n");
            }

            xml.Append("</feature>\n");
        }

        return xml.Append("</target>\n").ToString();
    }
}
