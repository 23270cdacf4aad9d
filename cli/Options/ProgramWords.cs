using System.Text;
using CoSim.Os.Loader;

namespace CoSim.Cli.Options;

/// <summary>A program with its arguments as the value of one option: words between spaces, as in "prog -n 'two words'".</summary>
public static class ProgramWords
{
    /// <summary>
    /// Splits a value into words. Single and double quotes keep what is between them together; nothing else is special. A value
    /// that names an existing file is that file, whatever characters it has.
    /// </summary>
    /// <param name="option">The option, for messages.</param>
    /// <param name="value">What the user wrote.</param>
    /// <exception cref="BadInputException">There is no word, or a quote is not closed.</exception>
    public static IReadOnlyList<string> Split(string option, string value)
    {
        if (File.Exists(value))
            return [value];
        List<string> words = [];
        StringBuilder word = new();
        bool inWord = false;
        char quote = '\0';
        foreach (char c in value)
        {
            if (c == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && c is '\'' or '"')
            {
                quote = c;
                inWord = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                End();
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }
        if (quote != '\0')
            throw new BadInputException($"{option} '{value}'", $"a quote ({quote}) is not closed");
        End();
        return words.Count > 0 ? words : throw new BadInputException($"{option} '{value}'", "names no program");

        void End()
        {
            if (inWord)
                words.Add(word.ToString());
            word.Clear();
            inWord = false;
        }
    }
}
