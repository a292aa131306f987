using System.Collections.Frozen;

namespace Helix.Core.Gateway;

/// <summary>Small words, with which a sentence usually begins: any other capital letter there may be a name's. They tell its language, and little else.</summary>
internal static class OpeningWords
{
    private static readonly string[] s_words =
    [
        // English
        "a about after all also am an and any are as at be because been before being but by can compare could create define describe did do does don't each explain find for from generate give had has have he " +
        "hello help here hey hi how i if in into is it its let list make may me might my now of on or our please provide say she short should show so some summarize tell than thanks that the their them then there these they this those to " +
        "too translate us use very was we were what what's when where whether which while who whom whose why will with would write you your could can't isn't aren't doesn't didn't won't shouldn't wouldn't",
        // German
        "als an auch auf aus bei bitte dann das dass dein dem den der des die diese dieser dieses du ein eine einem einen einer er erkläre erklär es für gib gibt hallo hat habe haben ich ihr im in ist kann kannst können könntest mach man " +
        "mein meine mir mit nenne oder sag sage schreib schreibe sich sie sind so soll sollte und über um unser vom von wann war warum was welche welchem welchen welcher welches wenn wer werden wie wieso wir wird wo wohin woher wozu zeig zeige zu zum zur",
        // French
        "à au aux avec bonjour c'est ce ces cette comment combien dans de des donne du en est est-ce et explique il ils j'ai je la le les l'on leur mon nous on ou où par peux peut peut-on pour pourquoi puis-je quand que quel quelle quelles quels qu'est-ce qui quoi s'il se si son sur un une vous",
        // Spanish
        "al como cómo con cuál cuáles cuándo cuánto cuántos de del dime dónde el ella en es ese esta este explica hay hola la las lo los me mi para podrías por puedes puedo qué quién que se si son su tu un una y yo",
    ];

    private static readonly FrozenDictionary<string, int> s_tongues = s_words
        .SelectMany((words, tongue) => words.Split(' ').Distinct().Select(word => (Word: word, Bit: 1 << tongue)))
        .GroupBy(each => each.Word, each => each.Bit, StringComparer.Ordinal)
        .ToFrozenDictionary(each => each.Key, each => each.Sum(), StringComparer.Ordinal);

    /// <summary>How many languages are told apart.</summary>
    public static int Tongues => s_words.Length;

    /// <param name="word">In small letters.</param>
    /// <returns>A bit for each language that has it; 0 for any other word.</returns>
    public static int Of(string word) => s_tongues.GetValueOrDefault(word);
}
