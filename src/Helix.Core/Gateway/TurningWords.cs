using System.Collections.Frozen;

namespace Helix.Core.Gateway;

/// <summary>
/// Words that turn a sentence into another one while its vector hardly moves: negations, opposites, numbers, units, days, what is asked for, and whose it is; in the languages that most is asked in.
/// Where one is missing here, the threshold alone decides; one too many costs an engine's answer and nothing else.
/// </summary>
internal static class TurningWords
{
    private const string Not = "not";

    private static readonly FrozenSet<string> s_words = string.Join(
        ' ',
        // English
        "not no never none nobody nothing nowhere neither nor without except unless only before after since until more less most least fewer above below under over hardly barely rarely seldom instead",
        "out off up down inside outside must should ought when where who whom whose why my mine our your his her their",
        "first second third fourth fifth sixth seventh eighth ninth tenth last next previous enable disable enabled disabled allow allowed deny denied forbid include exclude including excluding increase decrease increasing decreasing",
        "add remove install uninstall encrypt decrypt encode decode compress decompress open close opened closed start stop begin end lock unlock upload download import export push pull",
        "true false yes left right north south east west maximum minimum max min highest lowest largest smallest longest shortest biggest best worst oldest newest earliest latest",
        "buy sell win lose always sometimes today tomorrow yesterday ascending descending positive negative male female mother father hot cold old new big small pros cons advantages disadvantages",
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
        "twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion half double twice once dozen quarter percent",
        // units and days
        "km m cm mm mi kg g mg lb oz l ml ms h kb mb gb tb kilometer kilometre meter metre centimeter centimetre millimeter millimetre mile inch inches foot feet yard kilogram gram pound ounce ton tonne liter litre gallon",
        "millisecond minute hour day week month year celsius fahrenheit kelvin degree dollar euro cent yen franc usd eur gbp watt volt byte kilobyte megabyte gigabyte",
        "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november december",
        "lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo",
        // German
        "nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne außer weder vor nach mehr weniger erste ersten letzte letzten nur kaum selten statt muss müssen darf dürfen wann wo wohin woher wer wen wem wessen warum wieso mein meine meinen meinem dein deine unser unsere euer",
        "aus stunde stunden minute minuten sekunde sekunden tag tage woche wochen monat monate jahr jahre",
        "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig hundert tausend",
        // French
        "ne non pas sans jamais aucun aucune rien personne sauf avant après plus moins premier première dernier dernière quand où qui pourquoi combien mon ma mes ton ta tes votre notre",
        "zéro deux trois quatre cinq sept huit neuf dix onze douze vingt trente quarante cinquante cent mille",
        // Spanish, Portuguese and Italian
        "cuándo dónde quién cuánto sin nunca nada nadie ningún ninguno ninguna antes después más menos primero primera último última não sem nenhum nenhuma mais non senza mai nessuno nessuna niente prima dopo più meno",
        "cero dos tres cuatro cinco seis siete ocho nueve diez cien mil dois três quatro oito dez uno due tre quattro cinque otto dieci cento",
        // Russian, Polish, Dutch, Swedish, Danish, Norwegian and Turkish
        "не нет без ни никогда нельзя bez nigdy niet geen zonder nooit inte utan aldrig ikke uden aldri değil yok").Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <param name="word">In small letters.</param>
    /// <returns>What it says, of one or of several; null for any other word.</returns>
    public static string? Of(string word) => word == "cannot" || word.EndsWith("n't", StringComparison.Ordinal) ? Not
        : word.StartsWith("n'", StringComparison.Ordinal) ? "ne"
        : s_words.Contains(word) ? word
        : word.Length > 3 && word[^1] == 's' && s_words.Contains(word[..^1]) ? word[..^1]
        : null;
}
