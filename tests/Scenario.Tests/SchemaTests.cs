using System.Text.Json;

namespace CoSim.Cli.Scenarios.Tests;

/// <summary>The published schema is the reader's own.</summary>
[TestFixture]
public sealed class SchemaTests
{
    /// <summary>Random documents that the schema allows.</summary>
    private const int Documents = 300;

    [Test]
    public void ThePublishedSchemaIsTheReaders()
    {
        string published = File.ReadAllText(Path.Combine(Repository.Root, "docs", "scenario.schema.json"));
        Assert.That(published, Is.EqualTo(ScenarioFile.Schema()), "write it anew: cosim scenario schema > docs/scenario.schema.json");
    }

    [TestCase(1)]
    [TestCase(2)]
    public void WhatTheSchemaAllowsTheReaderReads(int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        SchemaDocuments documents = new(ScenarioFile.Schema(), new Random(seed));
        for (int i = 0; i < Documents; i++)
        {
            string text = documents.Next();
            Assert.That(() => ScenarioFile.Parse("random", text), Throws.Nothing, text);
        }
        // Every property was there at least once, so the reader knows them all.
        Assert.That(documents.Unused, Is.Empty);
    }

    [Test]
    public void AnUnknownPropertyIsRefusedEverywhere()
    {
        SchemaDocuments documents = new(ScenarioFile.Schema(), new Random(3)) { AddsUnknown = true };
        for (int i = 0; i < Documents; i++)
        {
            string text = documents.Next();
            Assert.That(() => ScenarioFile.Parse("random", text), Throws.TypeOf<Os.Loader.BadInputException>().With.Message.Contains("'unknown-property'"), text);
        }
    }

    [Test]
    public void EveryPropertyIsDescribed()
    {
        using JsonDocument schema = JsonDocument.Parse(ScenarioFile.Schema());
        Check(schema.RootElement);
    }

    private static void Check(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                Check(item);
        }
        if (element.ValueKind != JsonValueKind.Object)
            return;
        if (element.TryGetProperty("properties", out JsonElement properties))
        {
            foreach (JsonProperty property in properties.EnumerateObject())
                Assert.That(property.Value.GetProperty("description").GetString(), Does.EndWith("."), property.Name);
        }
        foreach (JsonProperty member in element.EnumerateObject())
            Check(member.Value);
    }
}
