/** The journey of registration: sign in, see what is there, confirm or correct it, add what is missing, and a clear end. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Confirmed, Me } from "../../api/client";
import { Problem } from "../../api/problem";
import { useTask } from "../../hooks/useTask";
import { useWords } from "../../i18n";
import { useJourney } from "../../journey";
import { Loading } from "../../parts/Loading";
import { Passed } from "../../parts/Passed";
import type { MethodPart } from "../../methods/part";
import { takeReturnAddress, useOnward } from "../../returnTo";
import { channelsOf } from "../../methods/ways";
import { signedIn as issued, useSession, type SignedIn } from "../../session";
import { BindMethod } from "./BindMethod";
import { ConfirmCode } from "./ConfirmCode";
import { Enrol } from "./Enrol";
import { Finish } from "./Finish";
import { FirstPassword } from "./FirstPassword";
import { KeepSecret } from "./KeepSecret";
import { isProof, MethodList } from "./MethodList";
import { ProveFirst } from "./ProveFirst";
import { RemoveMethod } from "./RemoveMethod";
import { SignIn } from "./SignIn";
import { keptSecretOf, mineOf, NOTHING, proveFirst, sentCodeOf, withMethods, withProofCode, type CodeAsked, type Facts, type Place } from "./steps";
import { useAsMe } from "./useAsMe";

const LIST: Place = { at: "list" };

export function Register() {
  const { client, who, setWho, expired, expire } = useSession();
  useState(takeReturnAddress);
  const onward = useOnward(client, who);
  const { t } = useWords();
  const journey = useJourney<Facts, Place>("register", LIST, NOTHING);
  const { place, facts, now, go, replace, know } = journey;
  const { asMe, proved, signedInAgain } = useAsMe(journey);
  const [me, setMe] = useState<Me | null>(null);
  // Shown once and kept nowhere: whoever comes back without it enters the digits that the app shows, or starts again.
  const [enrolment, setEnrolment] = useState<unknown>(null);
  const loading = useTask();
  const load = () =>
    loading.run(async () => {
      try {
        if (who !== null) setMe(await client.me(who.token));
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 401) throw error;
        expire();
      }
    });
  const [record, setRecord] = useState<typeof import("./OwnRecord") | null>(null);
  const loadRecord = () => loading.run(async () => setRecord(await import("./OwnRecord").catch(() => Promise.reject(new Problem("unreachable")))));
  const wantsRecord = place.at === "activity" || place.at === "data";
  // The answer to a change is the newest there is.
  const isFresh = useRef(false);

  useEffect(() => {
    if (who !== null && !isFresh.current && (me === null || place.at === "list")) void load();
    isFresh.current = false;
  }, [who?.token, place.at]);
  useEffect(() => {
    if (wantsRecord && me !== null && record === null) void loadRecord();
  }, [wantsRecord, me === null]);
  useEffect(() => {
    if (who !== null || place.at === "finish") return;
    // Signed out, or the session has expired: what was begun belongs to nobody who comes after.
    setMe(null);
    journey.end();
  }, [who === null]);
  useEffect(() => {
    // Whoever was signed in already has not come through the sign-in of this page.
    if (who !== null && !journey.isKept && place.at !== "finish") know(now(), (who.until - Date.now()) / 1000);
  }, [who?.token, journey.isKept]);
  useEffect(() => {
    if (facts.goOn && me !== null) know({ ...now(), goOn: false });
  }, [facts.goOn, me]);

  const signedIn = (fresh: SignedIn) => {
    setWho(fresh);
    replace(LIST, NOTHING, (fresh.until - Date.now()) / 1000);
  };
  const settled = (fresh: Me, news: string, more: Partial<Facts> = {}) => {
    setMe(fresh);
    isFresh.current = place.at !== "list";
    go(LIST, { ...now(), typed: "", goOn: false, ...more, news });
  };
  const confirmed = (part: MethodPart, { proof, ...fresh }: Confirmed, news: string) => {
    const { [part.name]: _done, ...codes } = now().codes;
    settled(fresh, news, { codes, enrolling: false, ...(proof !== null && { proof }) });
  };
  const toList = () => go(LIST, { ...now(), news: "", typed: "", goOn: false });
  const withCode = (method: string, code: CodeAsked): Facts => ({ ...now(), typed: "", goOn: false, codes: { ...now().codes, [method]: code } });
  // Done means signed out; somebody who still lacks a method is left the way back.
  const finish = (final: Me) => {
    // Also with fewer methods than are asked for: with a password the person can come back and add them.
    if (who?.activation === "password" && final.methods.some(isProof)) return go({ at: "password" });
    if (!final.ready || final.lacks.length > 0) return go({ at: "finish", ready: false });
    journey.end({ at: "finish", ready: true });
    setWho(null);
  };

  if (place.at === "finish" && (place.ready || me !== null)) {
    return <Finish me={me} ready={place.ready} onward={onward} onMore={toList} onSignOut={() => setWho(null)} />;
  }
  if (who === null) return <SignIn timeUp={expired} onSignedIn={signedIn} />;
  if (place.at === "signIn") {
    return facts.signingIn === null ? (
      <Passed onContinue={toList} />
    ) : (
      <SignIn again identifier={who.identifier} onSignedIn={signedInAgain} onCancel={() => replace(now().signingIn ?? LIST, { ...now(), signingIn: null })} />
    );
  }
  if (place.at === "prove" || place.at === "proof") {
    return facts.proving === null ? (
      <Passed onContinue={toList} />
    ) : (
      <ProveFirst
        token={who.token}
        proving={facts.proving}
        lossEndsAt={me?.loss_wait_ends_at ?? null}
        optedOut={me?.methods.filter(({ state }) => state === "opted_out") ?? []}
        channels={me?.channels ?? {}}
        asking={place.at === "proof" ? place.method : ""}
        onAsked={(method, asked) => go({ at: "proof", method }, { ...now(), proving: withProofCode(now(), method, asked) })}
        onKnow={(method, asked) => know({ ...now(), proving: withProofCode(now(), method, asked) })}
        onAgain={(method) => go({ at: "proof", method })}
        onChoose={(methods, spent) => go({ at: "prove" }, { ...now(), proving: withMethods(now(), methods, spent) })}
        onProved={proved}
        onLost={(fresh) => settled(fresh, "", { proving: null })}
        onCancel={() => replace(now().proving?.then ?? LIST, { ...now(), proving: null })}
      />
    );
  }
  if (me === null) return <Loading title={t.methods.title} problem={loading.problem} onRetry={() => void load()} />;

  if (place.at === "password") {
    return who.activation === "password" ? (
      <FirstPassword
        identifier={who.identifier}
        asMe={asMe}
        onDone={(session) => {
          if (me.ready && me.lacks.length === 0) {
            journey.end({ at: "finish", ready: true });
            return setWho(null);
          }
          go({ at: "finish", ready: false });
          setWho({ ...issued(who.identifier, session), activation: "methods" });
        }}
        onBack={toList}
      />
    ) : (
      <Passed onContinue={toList} />
    );
  }
  const back = { asMe, goOn: facts.goOn, onBack: toList };
  const list = (
    <MethodList
      me={me}
      activation={who.activation}
      news={facts.news}
      codes={facts.codes}
      onGo={(to) => go(to, { ...now(), news: "", typed: "", goOn: false })}
      onProve={(method) => go({ at: "prove" }, { ...now(), news: "", proving: proveFirst([method], LIST) })}
      onReconfirm={async (which) => setMe(await asMe((token) => client.reconfirm(token, which)))}
      onSnooze={async () => setMe(await asMe((token) => client.snooze(token)))}
      onWithdrawLoss={async () => settled(await asMe((token) => client.withdrawLoss(token)), t.loss.withdrawn)}
      onTimeZone={async (zone) => setMe(await asMe((token) => client.chooseTimeZone(token, zone)))}
      onLanguage={async (language) => setMe(await asMe((token) => client.chooseLanguage(token, language)))}
      onFinish={() => finish(me)}
    />
  );
  switch (place.at) {
    case "bind": {
      const part = sentCodeOf(place.method);
      if (part === undefined) return list;
      const mine = mineOf(me.methods, place.method);
      const known = (place.asIs && mine?.offered_contact) || (mine?.contact ?? "");
      return (
        <BindMethod
          key={`${place.method} ${String(place.asIs)}`}
          {...back}
          part={part}
          asIs={place.asIs}
          known={known}
          channels={channelsOf(part, me.channels)}
          channel={place.channel}
          onChannel={(channel) => replace({ ...place, channel })}
          replaces={place.replaces}
          draft={facts.typed || facts.codes[place.method]?.contact || ""}
          onAsked={(code) => go({ at: "code", method: part.name }, withCode(part.name, code))}
          onCorrect={() => go({ ...place, asIs: false })}
        />
      );
    }
    case "code": {
      const part = sentCodeOf(place.method);
      const mine = mineOf(me.methods, place.method);
      const contact = mine?.pending_contact ?? mine?.contact ?? "";
      const code = facts.codes[place.method] ?? { contact, channel: "", typed: true, readyAt: 0, endsAt: 0 };
      if (part === undefined || code.contact === "") return list;
      const awaited = place.method in facts.codes || mine?.state === "pending" || mine?.pending_contact != null;
      if (!awaited) return <Passed onContinue={toList} />;
      return (
        <ConfirmCode
          {...back}
          part={part}
          code={code}
          onAsked={(again) => know(withCode(part.name, again))}
          onConfirmed={(fresh, news) => confirmed(part, fresh, news)}
          onCorrect={() => go({ at: "bind", method: part.name, asIs: false, replaces: mine?.pending_contact !== null })}
        />
      );
    }
    case "keep": {
      const part = keptSecretOf(place.method);
      if (part === undefined) return list;
      return (
        <KeepSecret
          {...back}
          part={part}
          replaces={mineOf(me.methods, place.method, place.credential)}
          labels={me.methods.map(({ label }) => label)}
          draft={facts.typed}
          spent={facts.spent}
          onBegun={(secret, label) => {
            setEnrolment(secret);
            go({ ...place, at: "enrol", label }, { ...now(), spent: false, typed: "", goOn: false, enrolling: true });
          }}
        />
      );
    }
    case "enrol": {
      const part = keptSecretOf(place.method);
      if (part === undefined) return list;
      if (!facts.enrolling) return <Passed onContinue={toList} />;
      const { method, credential, label } = place;
      const again = (spent: boolean) => {
        setEnrolment(null);
        replace({ at: "keep", method, credential }, { ...now(), typed: label, enrolling: false, spent });
      };
      return (
        <Enrol
          asMe={asMe}
          part={part}
          label={label}
          replaces={place.credential !== ""}
          enrolment={enrolment}
          onConfirmed={(fresh, news) => {
            setEnrolment(null);
            confirmed(part, fresh, news);
          }}
          onSpent={() => again(true)}
          onAgain={() => again(false)}
          onBack={toList}
        />
      );
    }
    case "activity":
    case "data": {
      if (record === null) return <Loading title={t.methods.title} problem={loading.problem} onRetry={() => void loadRecord()} />;
      const Shown = place.at === "data" ? record.OwnData : record.Activity;
      return <Shown key={place.at} token={who.token} me={me} onBack={toList} />;
    }
    case "remove": {
      const mine = mineOf(me.methods, place.method, place.credential);
      if (mine === undefined) return list;
      return <RemoveMethod {...back} mine={mine} onRemoved={settled} />;
    }
    default:
      return list;
  }
}
