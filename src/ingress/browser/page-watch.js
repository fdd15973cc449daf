/*!
 * Page watch of Agora Reconciler: a recorded page tells the controller how it fares (WR-8, WR-10, WR-12).
 *
 *   <script src="https://controller.example.com/page-watch.js" async></script>
 *
 * It does nothing where the page's address carries no token, so it may stay in the page for everybody. It changes nothing
 * in the page and never throws into it. Plain ES2019 without dependencies; shipped as it is.
 */
(() => {
  'use strict';

  const PARAMETER = 'agoraPageToken';
  const MARK = Symbol.for('agora-reconciler.page-watch');
  /** A fault has to last so long before it is reported: pages redraw. */
  const FAULT_MS = 1500;
  /** Without a new frame, or without decoded sound, for so long, a medium that played does not play any more. */
  const STILL_MS = 5000;
  const CHECK_MS = 500;
  const TIMEOUT_MS = 10000;
  /** The controller cannot be asked: Agora is told that the page is ready so long after it has loaded. */
  const UNANSWERED_MS = 10000;
  const MOST_MATCHES = 64;
  /** Elements that are there without being seen. */
  const UNSEEN = /^(AUDIO|BASE|HEAD|LINK|META|NOSCRIPT|SCRIPT|SOURCE|STYLE|TEMPLATE|TITLE|TRACK)$/;

  /** What goes wrong in here must not show in the page. */
  const quiet = (work) => (argument) => {
    try {
      return work(argument);
    } catch {
      return undefined;
    }
  };

  const send = window.fetch && window.fetch.bind(window);
  const later = window.setTimeout.bind(window);
  const included = document.currentScript;

  quiet(() => {
    if (window[MARK] || !send) return;
    const token = tokenOfPage();
    const endpoint = token && endpointOf(included || document.querySelector('script[src*="page-watch.js"]'));
    if (!endpoint) return;
    Object.defineProperty(window, MARK, { value: true });
    watch(token, endpoint);
  })();

  /** From the address, however a router has changed it since, or from this tab's memory of an earlier address. */
  function tokenOfPage() {
    const opened = performance.getEntriesByType('navigation')[0];
    const places = [location.search, location.hash, (opened && opened.name) || ''];
    for (const place of places) {
      const found = place.match(/[?&#]agoraPageToken=v1\.[\w-]+\.[\w-]+/g);
      if (!found) continue;
      const token = found[found.length - 1].slice(PARAMETER.length + 2);
      quiet(() => sessionStorage.setItem(PARAMETER, token))();
      return token;
    }
    return quiet(() => sessionStorage.getItem(PARAMETER))() || undefined;
  }

  /** `data-endpoint`, or beside the place where this script came from. */
  function endpointOf(script) {
    if (!script) return undefined;
    const named = script.getAttribute('data-endpoint');
    if (named) return new URL(named, document.baseURI).href;
    return script.src ? new URL('page-watch', script.src).href : undefined;
  }

  function watch(token, endpoint) {
    /** What the controller asks; undefined before it has answered. */
    let asked;
    let page = newPage();
    let errors = 0;
    let failures = 0;
    let sending = false;
    let again = false;
    let heartbeat;
    let notified = false;
    let loadedAt;

    window.addEventListener('error', (event) => {
      // Of scripts; what else fails to load is no error of theirs.
      if (event.target === window) errors += 1;
    });
    window.addEventListener('unhandledrejection', () => {
      errors += 1;
    });
    window.addEventListener(
      'pageshow',
      quiet((event) => {
        if (!event.persisted) return;
        // Back from the browser's cache: the same page, shown anew.
        page = newPage();
        report();
      }),
    );
    check();
    report();

    function check() {
      later(check, CHECK_MS);
      quiet(() => {
        const now = performance.now();
        if (loadedAt === undefined && document.readyState === 'complete') loadedAt = now;
        if (asked === undefined) {
          // An outage of the controller must not end recordings: Agora waits for this call (WR-10).
          if (loadedAt !== undefined && now >= loadedAt + UNANSWERED_MS) notifyReady();
          return;
        }
        const state = stateOf(page, asked, now);
        page.faults = lasting(page, state.faults, now);
        if (page.ready || !state.ready) return;
        page.ready = true;
        notifyReady();
        report();
      })();
    }

    /** Exists in Agora's recorder alone. */
    function notifyReady() {
      if (notified) return;
      notified = true;
      if (typeof navigator.notifyReady === 'function') navigator.notifyReady();
    }

    function report() {
      if (sending) {
        again = true;
        return;
      }
      sending = true;
      again = false;
      clearTimeout(heartbeat);
      const counted = errors;
      const faults = counted > 0 ? page.faults.concat('script: error') : page.faults;
      const body = JSON.stringify({ token, load: page.load, state: page.ready ? 'ready' : 'loading', faults });
      post(endpoint, body).then(
        (asks) => {
          failures = 0;
          errors -= counted;
          asked = asks;
          plan(asks.heartbeatSeconds * 1000);
        },
        (failure) => {
          failures += 1;
          plan(waitAfter(failure, failures, asked));
        },
      );
    }

    function plan(waitMs) {
      sending = false;
      heartbeat = later(report, again ? 0 : waitMs);
    }
  }

  /** One load of the page. */
  function newPage() {
    const random = Array.from(crypto.getRandomValues(new Uint8Array(12)));
    return {
      load: random.map((byte) => byte.toString(16).padStart(2, '0')).join(''),
      ready: false,
      /** Those that last, as they are reported. */
      faults: [],
      /** Fault → since when. */
      since: new Map(),
      /** Medium → what it was seen to do. */
      media: new WeakMap(),
      /** Selector, or nothing for all media → what was ever seen of them. */
      groups: new Map(),
    };
  }

  /** What is asked, or a failure with its status and how long to wait. As text, so that no browser asks for leave first. */
  function post(endpoint, body) {
    const abort = new AbortController();
    const timeout = later(() => abort.abort(), TIMEOUT_MS);
    return send(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'text/plain;charset=UTF-8' },
      body,
      cache: 'no-store',
      credentials: 'omit',
      keepalive: true,
      referrerPolicy: 'no-referrer',
      signal: abort.signal,
    })
      .then((answer) => {
        if (answer.ok) return answer.json().then(readAsked);
        throw Object.assign(new Error('refused'), {
          status: answer.status,
          retryAfterMs: Number(answer.headers.get('retry-after')) * 1000,
        });
      })
      .finally(() => clearTimeout(timeout));
  }

  function readAsked(value) {
    return {
      heartbeatSeconds: Math.min(600, Math.max(1, Number(value.heartbeatSeconds) || 15)),
      elements: Array.isArray(value.elements) ? value.elements.filter((each) => typeof each === 'string') : [],
      media: value.media === true,
    };
  }

  /** Never slower than the heartbeat, but for a token that is refused: that seldom becomes good. */
  function waitAfter({ status, retryAfterMs }, failures, asked) {
    const backoff = Math.pow(2, Math.min(failures, 8) - 1) * 1000 * (0.75 + Math.random() / 2);
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) return Math.min(5 * backoff, 120000);
    const heartbeatMs = asked === undefined ? 15000 : asked.heartbeatSeconds * 1000;
    return Math.max(Math.min(backoff, heartbeatMs), Math.min(retryAfterMs || 0, 60000));
  }

  /** Faults that have been there for a while. */
  function lasting(page, faults, now) {
    for (const fault of Array.from(page.since.keys())) if (!faults.includes(fault)) page.since.delete(fault);
    for (const fault of faults) if (!page.since.has(fault)) page.since.set(fault, now);
    return faults.filter((fault) => now - page.since.get(fault) >= FAULT_MS);
  }

  function stateOf(page, asked, now) {
    const faults = asked.elements.filter((selector) => !isThere(selector)).map((selector) => `element: ${selector}`);
    if (!asked.media) return { faults, ready: faults.length === 0 };
    const media = Array.from(document.querySelectorAll('audio, video'));
    for (const medium of media) sample(page, medium, now);
    // All together, since participants come and go; and each that the declaration names by itself.
    const named = asked.elements.map((selector) => [selector, media.filter((medium) => medium.matches(selector))]);
    const groups = named
      .filter(([selector, members]) => members.length > 0 || page.groups.has(selector))
      .concat([['', media]]);
    const seen = groups.map(([name, members]) => groupState(page, name, members));
    const wrong = new Set(seen.map((group) => group.fault).filter(Boolean));
    return {
      faults: faults.concat(Array.from(wrong)),
      ready: faults.length === 0 && wrong.size === 0 && seen.every((group) => group.played),
    };
  }

  function isThere(selector) {
    try {
      const matches = Array.from(document.querySelectorAll(selector)).slice(0, MOST_MATCHES);
      return matches.some((element) => UNSEEN.test(element.tagName) || isSeen(element));
    } catch {
      // No selector.
      return false;
    }
  }

  function isSeen(element) {
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0 && getComputedStyle(element).visibility !== 'hidden';
  }

  /** What a medium does, from counters that the browser keeps anyway: nothing is attached to it. */
  function sample(page, medium, now) {
    const before = page.media.get(medium) || {};
    const stream = window.MediaStream && medium.srcObject instanceof MediaStream ? medium.srcObject : undefined;
    const quality = medium.getVideoPlaybackQuality && medium.getVideoPlaybackQuality();
    const frames = quality ? quality.totalVideoFrames : undefined;
    const time = medium.currentTime;
    const bytes = medium.webkitAudioDecodedByteCount;
    const movedAt = (value, old, at) => (old !== undefined && value !== old ? now : at);
    const frameAt = movedAt(frames, before.frames, before.frameAt);
    const timeAt = movedAt(time, before.time, before.timeAt);
    const soundAt = bytes > 0 && !(bytes <= before.bytes) ? now : before.soundAt;
    const tries = medium.isConnected && !medium.paused && !medium.ended && !medium.error;
    const recent = (at) => at !== undefined && now - at < STILL_MS;
    // Of what is not on the screen no frames are drawn.
    const drawn = medium.videoWidth > 0 && frames !== undefined && !document.hidden && isSeen(medium);
    const moves = tries && medium.videoWidth > 0 && (drawn ? recent(frameAt) : recent(timeAt));
    const loud = tries && !medium.muted && medium.volume > 0;
    const sounds = loud && (stream ? stream.getAudioTracks().some(isLive) : recent(soundAt) && recent(timeAt));
    page.media.set(medium, { frames, time, bytes, frameAt, timeAt, soundAt, tries, moves, sounds });
  }

  const isLive = (track) => track.readyState === 'live' && track.enabled && !track.muted;

  /** What once played and does not any more is a fault; what never played is none, but nothing is ready before it does. */
  function groupState(page, name, members) {
    const states = members.map((medium) => page.media.get(medium));
    const moves = states.some((state) => state.moves);
    const sounds = states.some((state) => state.sounds);
    const before = page.groups.get(name) || { moved: false, sounded: false };
    const group = { moved: before.moved || moves, sounded: before.sounded || sounds };
    page.groups.set(name, group);
    const played = group.moved || group.sounded;
    if (played && !states.some((state) => state.tries)) return { played, fault: 'media: failed' };
    if (group.moved && !moves) return { played, fault: 'video: frozen' };
    return { played, fault: group.sounded && !sounds ? 'audio: silent' : undefined };
  }
})();
