"""Words that a question may leave out: too common to tell one post from another."""

# Written down folded (see `analysis.fold`), most of all what people write around an ask.
_WORDS = {
    "da": (
        "af alle at bare blev blive da de dem den denne der deres det dette dig din dit dog du "
        "efter eller en end er et findes for fra gerne ham han har havde have hej hende her "
        "hos hun hvad hvem hvis hvor hvordan i ikke ind ja jeg jer jo kan kender kun kunne "
        "lige lidt man med meget men mig min mit mod mon mange nogen noget nogle nok nu naar "
        "og ogsaa om op os over paa saa sig sin skal skulle som til tak ud under var ved vi "
        "vil ville vores vaere vaeret"
    ),
    "en": (
        "a about all also am an and any anyone are as at be been but by can could do does for "
        "from had has have he hello her hey hi him his how i if in into is it its just know "
        "me my no not of on one or our out please she should so some someone that thanks the "
        "their them then there they this to up us was we were what when where which who will "
        "with would you your"
    ),
    "sv": (
        "alla att av bara blev bli da de dem den denna det detta dig din ditt du eller en er "
        "ett fraan foer gaerna han har hej hon honom hur haer i icke inte ja jag kan kunde "
        "lite man med men mig min mitt mot mycket naagon naagot naagra nagon "
        "naer nu och ocksaa om oss paa saa sig sin ska skulle som tack till under upp ut vad "
        "var vara vem vi vid vill vaar aer aeven oever"
    ),
    "no": (
        "alle at av bare ble bli da de dem den denne der deres det dette deg din ditt du "
        "eller en enn er et ett for fra gjerne ham han har hei henne her hos hun hva hvem "
        "hvis hvor hvordan i ikke inn ja jeg kan kjenner kun kunne litt man med meg meget men "
        "min mitt mot mye noe noen nok nu naa naar og ogsaa om opp oss over paa saa seg sin "
        "skal skulle som til takk ut under var ved vi vil ville vaar vaert vaere"
    ),
    "de": (
        "aber alle als am an auch auf aus bei bin bis bitte da danke das dass dem den der des "
        "die dich dir doch du ein eine einem einen einer eines er es fuer gern hab habe haben "
        "hallo hat hatte hier ich ihm ihn ihr im in ist ja jemand kann kein keine kennt man "
        "mein meine mich mir mit nach nicht noch nur oder sehr sein sich sie sind so ueber um "
        "und uns unter vom von vor war was wenn wer wie wir wird wo zu zum zur"
    ),
}

# Stop words of one language that say something in another: kept when the language is not known.
_TELLING = frozenset({"alle", "bin", "die", "hat", "hos", "kun", "man", "mod", "war", "will"})

STOP_WORDS = {lang: frozenset(words.split()) for lang, words in _WORDS.items()}
ANY_LANGUAGE = frozenset().union(*STOP_WORDS.values()) - _TELLING
